import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { nginx } from './tools.ts'
import { until } from './until.ts'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Debian's nginx with what `site` gives for the `http` context, which listens on the port that it is given. Ended with the test. */
export async function startNginx(t: Test, site: (port: number, folder: string) => string) {
  const folder = await mkdtemp(join(tmpdir(), 'camgate-nginx-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const port = await freePort()
  await writeFile(join(folder, 'site.conf'), site(port, folder))
  for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) await mkdir(join(folder, name))
  const temporary = [
    ['client_body_temp_path', 'body'],
    ...['proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => [`${name}_temp_path`, name]),
  ].map(([directive, name]) => `${directive} ${join(folder, name!)};`)
  const main = [
    'daemon off;',
    'worker_processes 1;',
    // As root, its workers would be somebody who may not write here.
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    `pid ${join(folder, 'pid')};`,
    `error_log ${join(folder, 'error.log')} error;`,
    'events { worker_connections 4096; }',
    `http { access_log off; ${temporary.join(' ')} include ${join(folder, 'site.conf')}; }`,
  ]
  await writeFile(join(folder, 'nginx.conf'), main.join('\n'))
  const child: ChildProcess = spawn(nginx(), ['-c', join(folder, 'nginx.conf'), '-p', folder], {
    stdio: 'inherit',
  })
  t.teardown(async () => {
    if (child.exitCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  const origin = `http://127.0.0.1:${port}`
  await until(async () => (await fetch(`${origin}/health`).catch(() => undefined))?.ok === true)
  return { origin, errors: () => readFile(join(folder, 'error.log'), 'utf8') }
}
