# shows: no module 'multiprocessing'
import multiprocessing
multiprocessing.Process(target=print).start()
