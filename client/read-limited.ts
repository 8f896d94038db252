/**
 * Reads a body as text, up to a limit. Throws if the body is larger: an endless answer must not fill the memory of the caller until the
 * attempt times out.
 */
export async function readLimited(response: Response, maxBytes: number): Promise<string> {
  if (response.body === null) {
    return '';
  }
  if (lengthOf(response) <= maxBytes) {
    return await response.text();
  }
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let text = '';
  let bytes = 0;
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    bytes += chunk.value.byteLength;
    if (bytes > maxBytes) {
      await reader.cancel();
      throw new Error(`the answer is larger than ${maxBytes} bytes`);
    }
    text += decoder.decode(chunk.value, { stream: true });
  }
  return text + decoder.decode();
}

/**
 * The `content-length`, which HTTP enforces. Infinite without that header, or if the body is compressed, because it will grow. A browser
 * hides whether the answer of another origin is compressed.
 */
function lengthOf({ headers, type }: Response): number {
  const length = headers.get('content-length');
  const isExact = length !== null && type !== 'cors' && !headers.has('content-encoding');
  return isExact ? Number(length) : Number.POSITIVE_INFINITY;
}
