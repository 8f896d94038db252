import type { HttpAnswer, HttpRequest } from '../../../functions/memory/gateway.ts';
import type { Chance } from '../chance.ts';
import { type Faults, REGIONS, type RegionName } from './faults.ts';
import type { Region } from './region.ts';
import type { VirtualTime } from './time.ts';

export interface NetworkOptions {
  readonly regions: ReadonlyMap<RegionName, Region>;
  readonly time: VirtualTime;
  readonly faults: Faults;
  readonly chance: Chance;
  /** The right time, in milliseconds since 1970: what gateways date their answers by. */
  readonly nowMs: () => number;
  /** Called with every answer that the bank gave to a call, whether or not it arrives. */
  readonly onAnswer: (request: HttpRequest, answer: HttpAnswer) => void;
}

/** One way, in milliseconds. */
const LATENCY_MS = [1, 60] as const;
/** One way when it is slow: past every timeout, by a long way. */
const SLOW_MS = [1_000, 60_000] as const;
/** How long a copy may be on its way. */
const LATE_MS = [1_000, 30 * 60_000] as const;

/** Address of a Region. */
export function urlOf(region: RegionName): string {
  return `http://${region}.bank`;
}

/** How a request travels. `arrives`: whether its answer reaches the client. */
type Delivery =
  | { readonly kind: 'refused' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'delivered'; readonly arrives: boolean };

/**
 * The network between clients and Regions, as a `fetch`. It loses, delays and reorders. One that sends again, as browsers,
 * proxies and HTTP stacks do by themselves, repeats: a copy of a request may arrive long after the request was answered.
 */
export function simulatedFetch(
  parts: NetworkOptions,
  { sendsOnce }: { readonly sendsOnce: boolean },
): typeof globalThis.fetch {
  return (input, init = {}) =>
    new Promise<Response>((resolve, reject) => {
      const { signal } = init;
      const url = new URL(String(input));
      const region = REGIONS.find((name) => url.hostname === `${name}.bank`);
      if (region === undefined) {
        throw new Error(`there is no ${url.hostname}`);
      }
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      const request: HttpRequest = {
        method: init.method ?? 'GET',
        target: url.pathname,
        rawHeaders: Object.entries(init.headers as Record<string, string>).flat(),
        body: Buffer.from(typeof init.body === 'string' ? init.body : ''),
        sourceIp: '192.0.2.1',
      };
      const answered = (answer: HttpAnswer) => resolve(toResponse(answer, parts.nowMs()));
      void carry({ ...parts, sendsOnce }, region, request, answered, reject);
    });
}

type CarryOptions = NetworkOptions & { readonly sendsOnce: boolean };

async function carry(
  parts: CarryOptions,
  region: RegionName,
  request: HttpRequest,
  resolve: (answer: HttpAnswer) => void,
  reject: (error: unknown) => void,
): Promise<void> {
  const { time, chance, faults } = parts;
  const delivery = deliveryOf(parts, region);
  await time.wait(chance.spread(...LATENCY_MS));
  if (delivery.kind === 'refused') {
    return reject(refused());
  }
  if (delivery.kind === 'lost') {
    return chance.happens(0.5) ? reject(reset()) : undefined;
  }
  if (faults.strikes('slow', region)) {
    await time.wait(chance.spread(...SLOW_MS));
  }
  const answer = await deliver(parts, region, request);
  await time.wait(chance.spread(...LATENCY_MS));
  if (answer === null) {
    return reject(reset());
  }
  if (!delivery.arrives) {
    return chance.happens(0.5) ? reject(reset()) : undefined;
  }
  resolve(answer);
}

function deliveryOf({ faults }: NetworkOptions, region: RegionName): Delivery {
  if (faults.strikes('down', region)) {
    return { kind: 'refused' };
  }
  if (faults.strikes('lose_requests', region)) {
    return { kind: 'lost' };
  }
  return { kind: 'delivered', arrives: !faults.strikes('lose_replies', region) };
}

/** Hands a request to a Region, more than once perhaps. Null when there is no answer. */
async function deliver(
  parts: CarryOptions,
  region: RegionName,
  request: HttpRequest,
): Promise<HttpAnswer | null> {
  const { time, chance, faults, regions, onAnswer, sendsOnce } = parts;
  if (faults.strikes('frozen', region)) {
    await time.wait(faults.leftMs('frozen', region));
  }
  const handle = async () => {
    const answer = (await regions.get(region)?.handle(request)) ?? null;
    if (answer !== null) {
      onAnswer(request, answer);
    }
    return answer;
  };
  const gateway = faults.strikes('gateway', region) && chance.pick(['before', 'after']);
  if (gateway === 'before') {
    return INTERNAL_SERVER_ERROR;
  }
  if (!sendsOnce && faults.strikes('duplicate', region)) {
    if (chance.happens(0.7)) {
      time.after(chance.spread(...LATE_MS), () => void handle());
    } else {
      await handle();
    }
  }
  const answer = await handle();
  return gateway === 'after' ? INTERNAL_SERVER_ERROR : answer;
}

const INTERNAL_SERVER_ERROR: HttpAnswer = {
  status: 500,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{"message":"Internal Server Error"}'),
};

function refused(): Error {
  const cause = Object.assign(new Error('connect ECONNREFUSED'), {
    code: 'ECONNREFUSED',
    syscall: 'connect',
  });
  return new TypeError('fetch failed', { cause });
}

function reset(): Error {
  const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
  return new TypeError('fetch failed', { cause });
}

/** The part of a `Response` that the client reads. Real ones would take most of the CPU time of a run. */
function toResponse({ status, headers, body }: HttpAnswer, nowMs: number): Response {
  const all: Record<string, string> = { date: new Date(nowMs).toUTCString() };
  for (const [name, value] of Object.entries(headers)) {
    all[name] = String(value);
  }
  const chunks = body.length === 0 ? [] : [new Uint8Array(body)];
  const reader = {
    read: () => {
      const value = chunks.shift();
      return Promise.resolve(value === undefined ? { done: true } : { done: false, value });
    },
    cancel: () => Promise.resolve(),
  };
  const response = {
    status,
    headers: { get: (name: string) => all[name] ?? null },
    body: body.length === 0 ? null : { getReader: () => reader },
  };
  return response as unknown as Response;
}
