const NAMES = new Set(['127.0.0.1', 'localhost']);

/**
 * True when a request was sent to this machine by its own name. A page of elsewhere can make its own name point here, so that
 * a browser lets it read the answers (DNS rebinding); but `Host` still holds that name.
 */
export function isThisMachine(host: string | undefined): boolean {
  const url = `http://${host}`;
  return host !== undefined && URL.canParse(url) && NAMES.has(new URL(url).hostname);
}
