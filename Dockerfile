# The server and its workers: docker build -t gradients/server:local .
# The base image is pinned; another one: --build-arg NODE_IMAGE=node:24-bookworm-slim@sha256:…
ARG NODE_IMAGE=node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
# What is published is what runs: the tarball holds the compiled program, its models, datasets and templates.
RUN npm pack --ignore-scripts=false --pack-destination /tmp \
  && mkdir /app \
  && tar -xzf /tmp/gradients-*.tgz -C /app --strip-components=1

# Without the Node and the PostgreSQL that npm would bring along for machines that have none.
FROM ${NODE_IMAGE} AS modules
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund --omit=dev --omit=optional

FROM ${NODE_IMAGE}
ENV NODE_ENV=production \
  GRADIENTS_HOST=0.0.0.0 \
  GRADIENTS_DATA_FOLDER=/data \
  GRADIENTS_MODELS_FOLDERS=/models
WORKDIR /app
COPY --from=modules /app/node_modules ./node_modules
COPY --from=build /app ./
COPY scripts/run-pinned-worker.mjs ./scripts/run-pinned-worker.mjs
RUN mkdir -p /data/scratch /models && chown -R 1000:1000 /data /models
USER 1000:1000
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4000/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/src/cli.js", "serve"]
