import { type BrowserContextOptions, type Page, chromium as playwright } from 'playwright-core'
import type { Test } from 'tap'
import { chromium } from './tools.ts'

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
]

/** A page in Debian's Chromium, headless, with a profile of its own; closed with the test. */
export async function openPage(t: Test, options: BrowserContextOptions = {}): Promise<Page> {
  const browser = await playwright.launch({ executablePath: chromium(), args: ARGUMENTS })
  t.teardown(() => browser.close())
  const context = await browser.newContext(options)
  return context.newPage()
}
