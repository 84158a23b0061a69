import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { nginx as binary } from '../../test/support/tools.ts'
import { Child } from '../process/child.ts'
import { freePort } from '../process/free-port.ts'

export interface Nginx {
  readonly pid: number
  readonly origin: string
  /** What it has complained about. */
  errors(): Promise<string>
  stop(): Promise<void>
}

/** The distribution's nginx as one process with no access log; `http` gives what stands in its `http` block. */
export async function runNginx(
  http: (at: { readonly folder: string; readonly port: number }) => string,
): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'camgate-bench-nginx-'))
  const port = await freePort()
  const log = join(folder, 'error.log')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const main = `daemon off; master_process off; pid ${folder}/pid; error_log ${log} error;
worker_rlimit_nofile 20000;
events { worker_connections 10000; multi_accept on; }
http {
  access_log off;
  ${temporary.map(name => `${name}_temp_path ${folder}/${name};`).join(' ')}
${http({ folder, port })}
}
`
  await writeFile(join(folder, 'nginx.conf'), main)
  const child = new Child(binary(), ['-p', folder, '-c', join(folder, 'nginx.conf')])
  await listening(port)
  return {
    pid: child.pid,
    origin: `http://127.0.0.1:${port}`,
    errors: () => readFile(log, 'utf8'),
    stop: async () => {
      await child.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = connect(port, '127.0.0.1')
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (connected) return
    await sleep(25)
  }
  throw new Error('nginx does not listen')
}
