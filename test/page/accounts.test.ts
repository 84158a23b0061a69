import t from 'tap'
import { startApp } from '../support/app.ts'
import { openPage } from '../support/browser.ts'
import { openBuiltInPage } from '../support/page.ts'
import { signIn } from '../support/sign-in.ts'

t.test('a wrong password says so, and how many attempts are left', async t => {
  const { origin } = await startApp(t)
  const page = await openPage(t)
  await page.goto(origin)
  await page.getByLabel('Username').fill('admin')
  await page.getByLabel('Password').fill('wrong')
  await page.keyboard.press('Enter')
  const alert = page.getByRole('alert')
  await alert.filter({ hasText: 'password is wrong' }).waitFor()
  t.match(await alert.textContent(), /3 attempts are left/)
})

t.test('a session that was ended elsewhere leads back to the login', async t => {
  const { origin } = await startApp(t)
  const page = await openBuiltInPage(t, origin, { path: '#/account' })
  await page.getByText('this one').waitFor()
  const { request } = await signIn(origin)
  const { sessions } = (await (await request('/api/auth/sessions')).json()) as {
    sessions: { id: string; current: boolean }[]
  }
  for (const { id, current } of sessions)
    if (!current) await request(`/api/auth/sessions/${id}`, { method: 'DELETE' })
  await page.getByRole('link', { name: 'Manage' }).click()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  t.equal(await page.evaluate(() => localStorage.getItem('token')), null, 'the token is forgotten')
})

t.test('an administrator makes a user, who can then log in but not manage', async t => {
  const { origin } = await startApp(t)
  const admin = await openBuiltInPage(t, origin, { path: '#/manage/users' })
  await admin.getByRole('button', { name: 'New user' }).click()
  const dialog = admin.getByRole('dialog')
  await dialog.getByLabel('Username').fill('kim')
  await dialog.getByLabel('Password').fill('weak')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await dialog.getByRole('alert').filter({ hasText: /\w/ }).waitFor()
  await dialog.getByLabel('Password').fill('Battery-Staple-8')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await admin.getByRole('row', { name: /kim/ }).waitFor()

  const login = { username: 'kim', password: 'Battery-Staple-8' }
  const kim = await openBuiltInPage(t, origin, { path: '#/account', login })
  await kim.getByText('this one').waitFor()
  t.equal(await kim.getByRole('link', { name: 'Manage' }).count(), 0)

  await admin.getByRole('button', { name: 'Actions for kim' }).click()
  await admin.getByRole('button', { name: 'Disable' }).click()
  await admin.getByRole('row', { name: /kim.*disabled/ }).waitFor()
  await kim.reload()
  await kim.getByRole('alert').filter({ hasText: 'Account disabled' }).first().waitFor()
})

t.test('a blocked address is seen and let in again', async t => {
  const { origin } = await startApp(t)
  const page = await openBuiltInPage(t, origin, { path: '#/manage/security' })
  for (let attempt = 0; attempt < 5; attempt++) {
    const reply = await fetch(`${origin}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'nobody', password: 'x' }),
    })
    await reply.arrayBuffer()
  }
  await page.reload()
  await page.getByRole('button', { name: 'Unblock 127.0.0.1' }).click()
  await page.getByText('No address is blocked.').waitFor()
  t.equal((await page.getByRole('row', { name: /nobody/ }).count()) > 0, true, 'the attempts are listed')
  await signIn(origin)
})

t.test('one changes one’s own password and is still signed in', async t => {
  const { origin } = await startApp(t)
  const page = await openBuiltInPage(t, origin, { path: '#/account' })
  await page.getByRole('button', { name: 'Change password' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Current password').fill('Correct-Horse-7')
  await dialog.getByLabel('New password', { exact: true }).fill('Battery-Staple-8')
  await dialog.getByLabel('New password again').fill('Battery-Staple-8')
  await dialog.getByRole('button', { name: 'Change' }).click()
  await page.getByText('Password changed').waitFor()
  await page.reload()
  await page.getByText('this one').waitFor()
  await signIn(origin, { username: 'admin', password: 'Battery-Staple-8' })
})

t.test('the audit log tells who did what', async t => {
  const { origin } = await startApp(t)
  const page = await openBuiltInPage(t, origin, { path: '#/manage/audit' })
  await page.getByRole('row', { name: /admin.*login/ }).waitFor()
})
