"""The Python side of a benchmark: prepares a task, then runs it once for every line on standard input.

`baseline.py TASK ARGUMENTS`: TASK is a module beside this file with `prepare(**arguments)`, which gives a function of no
arguments. Each line in is a JSON object, `{"save": PATH}` to keep what the function gave; each line out has the seconds
and CPU seconds that the run took.
"""

import importlib
import json
import os
import sys
import time

THREADS = 2


def main() -> None:
    # What libraries print goes elsewhere: standard output is for answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    task, arguments = sys.argv[1], json.loads(sys.argv[2])

    import torch

    torch.set_num_threads(THREADS)
    with torch.inference_mode():
        run = importlib.import_module(task).prepare(**arguments)
        print(json.dumps({"ready": True}), file=answers, flush=True)
        for line in sys.stdin:
            begin, cpu_begin = time.perf_counter(), time.process_time()
            result = run()
            seconds, cpu_seconds = time.perf_counter() - begin, time.process_time() - cpu_begin
            if "save" in (request := json.loads(line)):
                result.contiguous().numpy().tofile(request["save"])
            print(json.dumps({"seconds": seconds, "cpuSeconds": cpu_seconds}), file=answers, flush=True)


if __name__ == "__main__":
    main()
