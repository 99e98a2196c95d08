"""Calls to the lab's API servers from this process: a thread of its own, moved into the console's network."""
import ctypes
import os
import time
from concurrent.futures import ThreadPoolExecutor

from common import LAB
from kubeapi import Api

CLONE_NEWNET = 0x40000000


def enter():
    libc = ctypes.CDLL(None, use_errno=True)
    fd = os.open("/run/netns/lab0", os.O_RDONLY)
    try:
        if libc.setns(fd, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns lab0")
    finally:
        os.close(fd)


class Inside:
    """A few threads in lab0 with an administrator's rights."""
    def __init__(self, threads=1):
        self.pool = ThreadPoolExecutor(threads, initializer=enter)
        self.api = Api(f"{LAB}/super.conf")

    def start(self, fn, *args):
        return self.pool.submit(fn, *args)

    def call(self, method, path, body=None, ctype="application/merge-patch+json", accept=None):
        """(answered at, document); raises when the API server refuses."""
        status, doc = self.pool.submit(self.api.call, method, path, body, ctype, 3, accept).result()
        if not 200 <= status < 300:
            raise RuntimeError(f"{method} {path}: {status} {str(doc)[:200]}")
        return time.monotonic(), doc

    def close(self):
        self.pool.shutdown(wait=True, cancel_futures=True)
