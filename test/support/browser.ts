import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where systems put a Chromium. */
const USUAL_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Why tests in a browser do not run, for the name of what is skipped; undefined when they do. */
export const NO_BROWSER =
  browserPath() === undefined ? 'skipped: no Chromium found, set CHROMIUM_PATH to one' : undefined;

// The names of skipped tests are rarely shown. This warning always is, and makes CI fail.
if (NO_BROWSER !== undefined) {
  if (process.env['CI_REQUIRE_BROWSER'] === 'true') {
    throw new Error(`Tests in a browser are ${NO_BROWSER}`);
  }
  console.warn(`Tests in a browser are ${NO_BROWSER}`);
}

/** A headless browser, or null when there is none on this machine. The opener closes it. */
export async function browserOrNull(): Promise<Browser | null> {
  const executablePath = browserPath();
  // Its sandbox refuses to run as root, which is who runs in containers. The pages are our own.
  const chromiumSandbox = process.getuid?.() !== 0;
  return executablePath === undefined ? null : await chromium.launch({ executablePath, chromiumSandbox });
}

/** `CHROMIUM_PATH` without a check, so that a wrong one fails; otherwise the first usual path that exists. */
function browserPath(): string | undefined {
  return process.env['CHROMIUM_PATH'] ?? USUAL_PATHS.find((path) => existsSync(path));
}
