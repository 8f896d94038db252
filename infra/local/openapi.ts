import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { HttpAnswer } from './gateway.ts';

/** Where a Region of one machine serves the OpenAPI document. A deployed bank has no such route. */
const PATH = '/openapi.json';

/** The document as it is checked in. */
export function readDocument(): Promise<Buffer> {
  return readFile(fileURLToPath(new URL('../../client/openapi.json', import.meta.url)));
}

/**
 * The answer to a request for the document, or null for any other request, which is the function's to answer. Node leaves
 * out the body of an answer to HEAD by itself.
 */
export function documentAnswer(method: string, target: string, document: Buffer): HttpAnswer | null {
  const [path] = target.split('?', 1);
  if (path !== PATH || (method !== 'GET' && method !== 'HEAD')) return null;
  return {
    status: 200,
    // Whoever asks again is given what is checked in now, not what a cache has kept.
    headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' },
    body: document,
  };
}
