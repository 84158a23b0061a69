import { signIn } from './sign-in.ts'

export type SignedIn = Awaited<ReturnType<typeof signIn>>

export const PASSWORD = 'Battery-Staple-8'

/** Creates a user through the API and logs in as it. */
export async function newUser(origin: string, admin: SignedIn, username: string, is_admin = false) {
  const reply = await admin.request('/api/admin/users', {
    method: 'POST',
    body: { username, password: PASSWORD, is_admin },
  })
  if (reply.status !== 201) throw new Error(`creating ${username}: ${reply.status} ${await reply.text()}`)
  return signIn(origin, { username, password: PASSWORD })
}
