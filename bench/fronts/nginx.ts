import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { nginx as binary } from '../../test/support/tools.ts'
import { Child } from '../process/child.ts'
import { freePort } from '../process/free-port.ts'
import { type Front, go2rtcPaths } from './front.ts'

export interface NginxFront extends Front {
  readonly origin: string
}

export interface NginxOptions {
  readonly upstream: string
  /** Asked before each connection (`auth_request`), with a 2xx for yes. */
  readonly auth?: string
  /** Served as files. */
  readonly root?: string
}

/** nginx of the distribution, one worker, as one puts it before go2rtc: nothing buffered, nothing logged. */
export async function nginx({ upstream, auth, root }: NginxOptions): Promise<NginxFront> {
  const folder = await mkdtemp(join(tmpdir(), 'camgate-bench-nginx-'))
  const port = await freePort()
  const paths = ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const guard = auth ? `location = /auth { internal; proxy_pass ${auth}; proxy_pass_request_body off; }` : ''
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr crit;
worker_rlimit_nofile 20000;
events { worker_connections 10000; }
http {
  access_log off; sendfile on; tcp_nopush on;
  types { application/vnd.apple.mpegurl m3u8; video/mp4 mp4 m4s; }
  ${paths.map(path => `${path === 'body' ? 'client_body' : path}_temp_path ${folder}/${path};`).join(' ')}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    ${guard}
    location /api/ {
      ${auth ? 'auth_request /auth;' : ''}
      proxy_pass ${upstream};
      proxy_http_version 1.1;
      proxy_buffering off;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $http_connection;
    }
    ${root ? `location /files/ { alias ${root}/; }` : ''}
  }
}
`,
  )
  const child = new Child(binary(), ['-p', folder, '-c', join(folder, 'nginx.conf')])
  await listening(port)
  const origin = `http://127.0.0.1:${port}`
  return {
    name: auth ? 'nginx, auth_request' : 'nginx',
    pid: child.pid,
    origin,
    ...go2rtcPaths(origin),
    stop: async () => {
      await child.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const answered = await new Promise<boolean>(resolve => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
    if (answered) return
    await sleep(25)
  }
  throw new Error('nginx does not listen')
}
