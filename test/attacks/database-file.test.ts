import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { startBuiltHouse } from '../support/built-server.ts'
import { startFrigate } from '../support/frigate.ts'
import { newUser, PASSWORD } from '../support/users.ts'

t.test('the database file has something in it that opens something', async t => {
  const frigate = await startFrigate(t)
  const env = { FRIGATE_HOST: frigate.origin, SECRET_KEY: 'a key that is a setting' }
  const { origin, admin, databasePath } = await startBuiltHouse(t, env)
  const kim = await newUser(origin, admin, 'kim')
  const made = async (path: string, body: object) =>
    ((await (await kim.request(path, { method: 'POST', body })).json()) as { token: string }).token
  const player = await made('/api/auth/player-tokens', { name: 'wall tablet', cameras: ['Driveway'] })
  const media = await made('/api/auth/media-token', { camera: 'Driveway', ttl: 60 })
  const event = frigate.household.events[1]!.id
  const playlist = await (await kim.request(`/api/events/${event}/clip.m3u8`)).text()
  const handle = /hls\/clip\/([\w-]{24})\//.exec(playlist)?.[1]
  await fetch(`${origin}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'kim', password: 'Wrong-Guess-9' }),
  })

  const files = [databasePath, `${databasePath}-wal`].filter(path => existsSync(path))
  const bytes = Buffer.concat(files.map(path => readFileSync(path)))
  for (const text of ['kim', 'wall tablet', event]) t.ok(bytes.includes(text), `${text} is in it`)
  const secrets = {
    'a password': PASSWORD,
    'the password of the administrator': 'Correct-Horse-7',
    'a password that was wrong': 'Wrong-Guess-9',
    'the token of a session': kim.token,
    'the signature of one': kim.token.split('.')[2]!,
    'a media token': media.split('.')[2]!,
    'a player token': player,
    'a path handle': handle!,
    'the key': 'a key that is a setting',
  }
  for (const [what, secret] of Object.entries(secrets)) {
    t.ok(secret.length > 8, what)
    t.notOk(bytes.includes(secret), `${what} is in it`)
  }
})
