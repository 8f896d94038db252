/**
 * Reads a body as text, up to a limit. Throws when there is more: an endless answer must not fill the caller's memory
 * until the attempt times out.
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
 * How long the body says it is, which HTTP keeps it to; infinite when it does not say so, or is compressed and will grow. A
 * browser that asks another origin hides whether it is.
 */
function lengthOf({ headers, type }: Response): number {
  const length = headers.get('content-length');
  const isLast = length !== null && type !== 'cors' && !headers.has('content-encoding');
  return isLast ? Number(length) : Number.POSITIVE_INFINITY;
}
