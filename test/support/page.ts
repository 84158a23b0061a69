import type { BrowserContextOptions, Page } from 'playwright-core'
import type { Test } from 'tap'
import { ADMIN } from './app.ts'
import { openPage } from './browser.ts'

/** The built-in page, logged in. Whatever it reports to the console as an error fails the test. */
export async function openBuiltInPage(
  t: Test,
  origin: string,
  { path = '', login = ADMIN, ...options }: PageOptions = {},
): Promise<Page> {
  const page = await openPage(t, options)
  page.setDefaultTimeout(60_000)
  page.on('pageerror', error => t.fail(`the page threw: ${error.message}`))
  page.on('console', message => {
    if (/Content Security Policy/i.test(message.text())) t.fail(message.text())
  })
  await page.goto(`${origin}/${path}`)
  await page.getByLabel('Username').fill(login.username)
  await page.getByLabel('Password').fill(login.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('navigation', { name: 'Main' }).waitFor()
  return page
}

interface PageOptions extends BrowserContextOptions {
  /** Where to begin: `#/streams`. */
  readonly path?: string
  readonly login?: { username: string; password: string }
}
