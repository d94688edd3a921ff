# shows: a cell runs on one thread
import concurrent.futures
concurrent.futures.ThreadPoolExecutor().submit(print)
