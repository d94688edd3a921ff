"""Times of Jupyter's Python kernel: until it is ready, until its first answer, and one answer more."""

import json
import time

from jupyter_client.manager import KernelManager


def ask(client):
    begun = time.perf_counter()
    reply = client.execute_interactive("1+1", store_history=False, output_hook=lambda message: None, timeout=60)
    assert reply["content"]["status"] == "ok"
    return (time.perf_counter() - begun) * 1000


start, first, warm = [], [], []
for turn in range(5):
    begun = time.perf_counter()
    manager = KernelManager()
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    start.append((time.perf_counter() - begun) * 1000)
    ask(client)
    first.append((time.perf_counter() - begun) * 1000)
    if turn == 0:
        warm = [ask(client) for _ in range(300)]
    client.stop_channels()
    manager.shutdown_kernel(now=True)
print(json.dumps({"start": start, "first": first, "warm": warm}))
