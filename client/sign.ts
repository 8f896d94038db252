import type { Endpoint } from './failure.ts';
import type { Credentials } from './options.ts';

/**
 * Signs a request with AWS Signature Version 4 for the Region of the endpoint. Without credentials it is not signed. Each attempt needs its
 * own signature, which is valid for one Region and a short time only.
 */
export async function sign(
  request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | undefined;
  },
  endpoint: Endpoint,
  credentials: (() => Credentials | Promise<Credentials>) | undefined,
  nowMs: number,
): Promise<{ url: string; headers: Record<string, string> }> {
  if (credentials === undefined || endpoint.region === undefined) {
    return { url: request.url, headers: { ...request.headers } };
  }
  // Loaded for the first request that is signed, so that web pages that sign nothing do not load it. If it cannot be loaded, the attempt
  // fails before anything is sent.
  const { AwsV4Signer } = await import('aws4fetch');
  const signer = new AwsV4Signer({
    method: request.method,
    url: request.url,
    headers: request.headers,
    body: request.body ?? null,
    ...(await credentials()),
    service: 'execute-api',
    region: endpoint.region,
    // The bank's time, if it is known: AWS refuses a signature whose time is off by more than 5 minutes.
    datetime: new Date(nowMs).toISOString().replace(/[:-]|\.\d{3}/g, ''),
  });
  const { url, headers } = await signer.sign();
  return { url: url.href, headers: Object.fromEntries(headers) };
}
