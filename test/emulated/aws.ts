import { AwsClient } from 'aws4fetch';
import type { Credentials } from '../../client/index.ts';
import { within } from '../../functions/dynamodb/within.ts';
import { EmulatedError } from './errors.ts';

/** The account that the emulator gives to every caller. */
export const ACCOUNT = '000000000000';

/** Credentials of its root user. The emulator accepts them with any secret, so they prove nothing. */
export const ROOT: Credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Longest that one request may take. */
const TIMEOUT_MS = 60_000;

/** One request to one of AWS's services. */
interface ServiceRequest {
  readonly service: string;
  readonly region: string;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * The emulated AWS, for what the bank's owner would do by hand: create roles, and look at what was deployed. It speaks the
 * protocols of the services itself, because six SDK clients would be a heavy price for a dozen requests.
 */
export class Aws {
  readonly #url: string;
  readonly #signal: AbortSignal;
  // No request fails here for a moment only, so a retry would hide what is wrong.
  readonly #client = new AwsClient({ ...ROOT, retries: 0 });

  constructor(url: string, signal: AbortSignal) {
    this.#url = url;
    this.#signal = signal;
  }

  /** Sends a request and returns the body of its answer. Throws {@link EmulatedError} unless that is a success. */
  async send({
    service,
    region,
    method = 'POST',
    path = '/',
    headers,
    body,
  }: ServiceRequest): Promise<string> {
    const { response, text } = await within(TIMEOUT_MS, this.#signal, async (signal) => {
      const response = await this.#client.fetch(`${this.#url}${path}`, {
        method,
        signal,
        aws: { service, region },
        ...(headers === undefined ? {} : { headers }),
        ...(body === undefined ? {} : { body }),
      });
      return { response, text: await response.text() };
    });
    if (response.ok) {
      return text;
    }
    throw new EmulatedError(
      'request_failed',
      `${method} ${path} of ${service} in ${region} was answered ${response.status}: ${text.slice(0, 500)}`,
    );
  }

  /** An action of a service that takes a form and answers in XML. */
  query(
    { service, region, version }: { service: string; region: string; version: string },
    action: string,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    return this.send({
      service,
      region,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ Action: action, Version: version, ...parameters }).toString(),
    });
  }

  /** An action of a service that takes JSON and answers in it; `target` is the service's name in the header `x-amz-target`. */
  async json(
    { service, region, target }: { service: string; region: string; target: string },
    action: string,
    parameters: object = {},
  ): Promise<unknown> {
    const text = await this.send({
      service,
      region,
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `${target}.${action}` },
      body: JSON.stringify(parameters),
    });
    return JSON.parse(text);
  }
}

/** The text of the first element of a name. Throws {@link EmulatedError} when there is none. */
export function textOf(xml: string, name: string): string {
  const [, text] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml) ?? [];
  if (text === undefined) {
    throw new EmulatedError('request_failed', `no ${name} in ${xml.slice(0, 500)}`);
  }
  return text;
}
