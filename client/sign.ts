import type { Endpoint } from './failure.ts';
import type { Credentials } from './options.ts';

/**
 * Signs a request with AWS Signature Version 4 for the endpoint's Region; without credentials it stays as it is. Each
 * attempt is signed anew: a signature holds for one Region and one moment only.
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
  // Loaded with the first request that is signed, so that pages which sign nothing need not load it. When it cannot be
  // loaded, nothing was sent: the attempt has failed before.
  const { AwsV4Signer } = await import('aws4fetch');
  const signer = new AwsV4Signer({
    method: request.method,
    url: request.url,
    headers: request.headers,
    body: request.body ?? null,
    ...(await credentials()),
    service: 'execute-api',
    region: endpoint.region,
    // The bank's time where it is known: AWS refuses a signature whose time is wrong by 5 minutes.
    datetime: new Date(nowMs).toISOString().replace(/[:-]|\.\d{3}/g, ''),
  });
  const { url, headers } = await signer.sign();
  return { url: url.href, headers: Object.fromEntries(headers) };
}
