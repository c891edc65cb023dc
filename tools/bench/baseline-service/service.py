"""What Kinora's service is held against: videos over HTTP with FastAPI, Celery and Redis, and nothing where the model would be.

`uvicorn service:app` is the API, `celery --app service:celery worker` a worker. A job is a hash in Redis with its status and
two tasks, `generate` on the queue of the GPUs and `publish` on that of the CPUs. Celery is set up as its documentation
recommends for work that must not be lost.
"""

import os
import time
import uuid

import redis
from celery import Celery
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

URL = os.environ["REDIS_URL"]
NOTES = os.environ["NOTES_FILE"]
STUB_SECONDS = float(os.environ.get("STUB_MS", "0")) / 1000

app = FastAPI()
store = redis.Redis.from_url(URL, decode_responses=True)
celery = Celery("videos", broker=URL)
celery.conf.update(
    # A job is confirmed when it is done, and given to another where its process dies.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    # Long jobs: none waits at a worker that is busy.
    worker_prefetch_multiplier=1,
    # Longer than the longest job, or it would be done twice; an hour is Celery's default.
    broker_transport_options={"visibility_timeout": int(os.environ.get("VISIBILITY_TIMEOUT", "3600"))},
    broker_connection_retry_on_startup=True,
    # The status is kept in the job's hash.
    task_ignore_result=True,
    task_routes={"generate": {"queue": "gpu"}, "publish": {"queue": "cpu"}},
)


class CreateVideo(BaseModel):
    prompt: str = Field(min_length=1, max_length=4000)


@app.post("/v1/videos")
def create(video: CreateVideo) -> dict[str, str]:
    job = f"video_{uuid.uuid4()}"
    store.hset(job, mapping={"status": "queued", "prompt": video.prompt, "created_at": int(time.time())})
    generate.delay(job)
    return {"id": job, "status": "queued"}


@app.get("/v1/videos/{job}")
def retrieve(job: str) -> dict[str, str]:
    fields = store.hgetall(job)
    if not fields:
        raise HTTPException(404)
    return {"id": job, **fields}


@celery.task(name="generate")
def generate(job: str) -> None:
    note("started", job)
    store.hset(job, "status", "in_progress")
    time.sleep(STUB_SECONDS)
    publish.delay(job)


@celery.task(name="publish")
def publish(job: str) -> None:
    store.hset(job, mapping={"status": "completed", "completed_at": int(time.time())})
    note("done", job)


def note(what: str, job: str) -> None:
    """For the benchmark's clock, as Kinora's stub does."""
    with open(NOTES, "a") as file:
        file.write(f"{what} {job} {time.time() * 1000}\n")
