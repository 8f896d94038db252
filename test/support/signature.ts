import { createHash, createHmac } from 'node:crypto';
import type { Credentials } from '../../client/index.ts';
import type { ReceivedRequest } from './memory-bank.ts';

/** What an `Authorization` header of AWS Signature Version 4 says. */
interface Authorization {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** Reads the `Authorization` header of a request. */
export function authorizationOf({ headers }: Pick<ReceivedRequest, 'headers'>): Authorization {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
  const [, accessKeyId = '', date = '', region = '', service = '', signedHeaders = '', signature = ''] =
    match ?? [];
  return { accessKeyId, date, region, service, signedHeaders: signedHeaders.split(';'), signature };
}

/**
 * Computes the signature that AWS would, from the request as it arrived, step by step as the documentation has it:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
 */
export function signatureOf(
  request: Pick<ReceivedRequest, 'method' | 'path' | 'headers' | 'body'>,
  { secretAccessKey }: Credentials,
  region: string,
): string {
  const { signedHeaders, service } = authorizationOf(request);
  const [path = '', query = ''] = request.path.split('?');
  const canonicalRequest = [
    request.method,
    // Every segment is encoded once more than it was on the wire, as for all services but S3.
    path.split('/').map(uriEncode).join('/'),
    query,
    ...signedHeaders.map((name) => `${name}:${String(request.headers[name]).trim().replace(/\s+/g, ' ')}`),
    '',
    signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n');

  const timestamp = String(request.headers['x-amz-date']);
  const date = timestamp.slice(0, 8);
  const scope = `${date}/${region}/${service}/aws4_request`;
  const stringToSign = ['AWS4-HMAC-SHA256', timestamp, scope, sha256(canonicalRequest)].join('\n');
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  return createHmac('sha256', key).update(stringToSign).digest('hex');
}

/** Encodes everything but the unreserved characters of RFC 3986. */
function uriEncode(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9._~-]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
