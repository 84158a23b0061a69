import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Front, go2rtcPaths } from './front.ts'
import { type Nginx, runNginx } from './run-nginx.ts'

/** More than a keyframe of a camera of 4 Mbit/s with a GOP of 2 s, so that nginx has it in one read. */
const BUFFER = '256k'
const DEPLOYED = new URL('../../deploy/nginx-hls.conf', import.meta.url)

/**
 * nginx at its best before go2rtc: HTTP/1.0 to the upstream, so that nothing is chunked, but for WebSockets; what comes is passed
 * on as it is read, into buffers that take a keyframe.
 */
export async function nginx(upstream: string): Promise<Front> {
  const running = await best(
    `
    proxy_buffer_size ${BUFFER}; proxy_buffers 4 ${BUFFER};
    location / { proxy_pass ${upstream}; proxy_http_version 1.0; proxy_buffering off; }
    location /api/ws {
      proxy_pass ${upstream};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
    }`,
  )
  return { name: 'nginx', ...running, ...go2rtcPaths(running.origin) }
}

/** nginx at its best with files. */
export function nginxFiles(root: string): Promise<Nginx> {
  return best(`root ${root};`)
}

/** nginx at its best with a cache before `origin`: segments are kept, of a playlist everybody within a second gets the same. */
export function nginxCache(origin: string): Promise<Nginx> {
  return best(
    `
    location / {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection '';
      proxy_cache hls; proxy_cache_lock on; proxy_cache_valid 200 1m;
    }
    location ~ \\.m3u8$ {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection '';
      proxy_cache hls; proxy_cache_lock on; proxy_cache_valid 200 1s;
      proxy_cache_use_stale updating; proxy_cache_background_update on;
    }`,
    folder => `
  proxy_cache_path ${folder}/cache keys_zone=hls:4m max_size=256m inactive=1m use_temp_path=off;
  upstream origin { server ${new URL(origin).host}; keepalive 16; }`,
  )
}

/** nginx with `deploy/nginx-hls.conf` before a camgate, but for its ports and folders. */
export async function deployedCache(camgate: string): Promise<Nginx> {
  const deployed = await readFile(DEPLOYED, 'utf8')
  return runNginx(({ folder, port }) =>
    deployed
      .replace('127.0.0.1:5003', new URL(camgate).host)
      .replace('/var/cache/nginx/camgate', join(folder, 'cache'))
      .replace('listen 8080', `listen 127.0.0.1:${port}`),
  )
}

/** Connections and files stay open; files leave by `sendfile`. */
function best(server: string, http: (folder: string) => string = () => ''): Promise<Nginx> {
  return runNginx(
    ({ folder, port }) => `
  sendfile on; tcp_nopush on; tcp_nodelay on;
  keepalive_timeout 1h; keepalive_requests 1000000;
  open_file_cache max=1000 inactive=10s; open_file_cache_valid 1s;
  types { application/vnd.apple.mpegurl m3u8; video/mp4 mp4 m4s; }
  ${http(folder)}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    ${server}
  }`,
  )
}
