# Three images from one build:  docker build --target api|cpu-worker|gpu-worker -t kinora-<target>:<version> .
#
# No image holds weights: they are mounted at /models (npm run models:pull fills a folder). RUN lines use relative paths
# only, so that `npm run check:images` can run each of them in an empty folder where there is no Docker.

ARG NODE_IMAGE=node:24.21.0-bookworm-slim
ARG CUDA_IMAGE=nvidia/cuda:13.0.2-cudnn-runtime-ubuntu24.04
ARG PYTHON_IMAGE=python:3.12.12-slim-bookworm

# Everything compiled: the processes, the page, and the workflows in one file.
FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --include=dev --no-audit --no-fund
COPY . .
RUN npm run build && node dist/temporal/build-bundle.js

# What the processes need at run time, for this platform only.
FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --no-audit --no-fund
COPY k8s/images/keep-platform.mjs ./
RUN node keep-platform.mjs && rm keep-platform.mjs

# The CPU worker computes no model, and the API touches no frame either.
FROM packages AS packages-cpu
RUN rm -r node_modules/onnxruntime-node
FROM packages-cpu AS packages-api
RUN rm -r node_modules/node-av node_modules/@seydx

# ONNX Runtime's CUDA provider, of the very commit that the npm package is built from. The npm package has none, and what
# its install script would fetch is neither pinned by a hash nor for this CUDA.
FROM ${PYTHON_IMAGE} AS cuda-provider
WORKDIR /provider
COPY k8s/images/cuda-provider.txt ./
RUN python -m pip download --no-deps --only-binary=:all: --require-hashes --platform manylinux_2_28_x86_64 --python-version 3.12 --dest wheel -r cuda-provider.txt
RUN python -m zipfile -e wheel/*.whl unpacked && mv unpacked/onnxruntime/capi/libonnxruntime_providers_cuda.so unpacked/onnxruntime/capi/libonnxruntime_providers_shared.so . && rm -r wheel unpacked

# Node alone, with tini as the first process: it hands signals on and reaps what an inference process leaves.
FROM ${NODE_IMAGE} AS base
RUN --mount=type=cache,target=/var/lib/apt,sharing=locked --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get update && apt-get install -y --no-install-recommends ca-certificates tini
WORKDIR /app
ENV NODE_ENV=production MODEL_DIR=/models/model
USER 1000:1000
ENTRYPOINT ["tini", "--"]

FROM base AS api
COPY --from=packages-api /app/node_modules ./node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/dist ./dist
ENV API_HOST=0.0.0.0
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/api/server.js"]

FROM base AS cpu-worker
COPY --from=packages-cpu /app/node_modules ./node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/dist ./dist
ENV HEALTH_HOST=0.0.0.0 HEALTH_PORT=8081
EXPOSE 8081
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["node", "-e", "fetch('http://127.0.0.1:8081/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/activities/worker.js"]

# The GPU worker for machines without a GPU: the same program, on the CPU.
FROM base AS gpu-worker-on-cpu
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/dist ./dist
ENV DEVICES=cpu HEALTH_HOST=0.0.0.0 HEALTH_PORT=8081
EXPOSE 8081
HEALTHCHECK --interval=15s --timeout=5s --start-period=5m CMD ["node", "-e", "fetch('http://127.0.0.1:8081/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/gpu-worker/worker.js"]

# CUDA 13 and cuDNN 9 as the provider wants them. It asks for CUDA devices unless told otherwise, and a provider that makes
# no session ends the process: there is no silent fall-back to the CPU.
FROM ${NODE_IMAGE} AS node
FROM ${CUDA_IMAGE} AS gpu-worker
RUN --mount=type=cache,target=/var/lib/apt,sharing=locked --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get update && apt-get install -y --no-install-recommends ca-certificates tini
COPY --from=node /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=cuda-provider /provider/ ./node_modules/onnxruntime-node/bin/napi-v6/linux/x64/
COPY --from=build /app/package.json ./
COPY --from=build /app/dist ./dist
ENV NODE_ENV=production MODEL_DIR=/models/model DEVICES=cuda:0,cuda:1 HEALTH_HOST=0.0.0.0 HEALTH_PORT=8081
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
USER 1000:1000
EXPOSE 8081
HEALTHCHECK --interval=15s --timeout=5s --start-period=30m CMD ["node", "-e", "fetch('http://127.0.0.1:8081/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--"]
CMD ["node", "dist/gpu-worker/worker.js"]
