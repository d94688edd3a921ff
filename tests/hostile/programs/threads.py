# shows: a cell runs on one thread
import threading
threading.Thread(target=print).start()
