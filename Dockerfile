FROM node:26-bookworm-slim AS build
WORKDIR /srv/camgate
# Node's compile cache serves the user that filled it: the server's.
RUN chown 1000:1000 .
USER 1000:1000
COPY --chown=1000:1000 package.json package-lock.json .npmrc ./
RUN npm ci
COPY --chown=1000:1000 app.ts server.ts ./
COPY --chown=1000:1000 bin bin
COPY --chown=1000:1000 build build
COPY --chown=1000:1000 public public
COPY --chown=1000:1000 src src
COPY --chown=1000:1000 plugins plugins
COPY --chown=1000:1000 routes routes
# Not `npm run`: the compile cache serves the Node that filled it, and that has to be the one of the image.
RUN node build/build.ts

# Without the optional packages: they bring a Node of their own to machines that have an older one.
FROM node:26-bookworm-slim AS packages
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional

FROM node:26-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends libjemalloc2 && rm -rf /var/lib/apt/lists/*
# Outside /app: compose files of the old backend mount their sources there.
WORKDIR /srv/camgate
COPY package.json ./
COPY --from=packages /build/node_modules node_modules
COPY --from=build /srv/camgate/dist dist
COPY public public
COPY bin bin
RUN install -d -m 700 -o 1000 -g 1000 /data

# SUPERVISED: whoever runs the image restarts it.
# SQLite's temporary files go to the one folder that can be written.
ENV NODE_ENV=production \
    DATABASE_PATH=/data/camgate.db \
    SQLITE_TMPDIR=/data \
    SUPERVISED=1
USER 1000:1000
VOLUME /data
EXPOSE 5003
# Docker waits one interval before its first look: within 10 s of a start it is known how the server is.
HEALTHCHECK --interval=8s --timeout=5s --start-period=15s --retries=3 CMD ["/srv/camgate/bin/health"]
CMD ["/srv/camgate/bin/start", "/srv/camgate/dist/server.js"]
