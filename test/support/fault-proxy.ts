import { type Answer, DYNAMODB_ERRORS, HttpProxy, type Passing } from './proxy.ts';

/** What the proxy does with one request. */
export type Fault =
  /** Deliver it and bring the answer back. */
  | { readonly kind: 'pass' }
  /** Cut the connection before anything is delivered. */
  | { readonly kind: 'drop_request' }
  /** Deliver it, wait until it is answered, and cut the connection instead of bringing the answer. */
  | { readonly kind: 'drop_reply' }
  /** Deliver it, and never answer. */
  | { readonly kind: 'hang' }
  /** Neither deliver nor answer it: it is on its way. */
  | { readonly kind: 'hold' }
  /** Answer as DynamoDB does, without delivering it. */
  | { readonly kind: 'answer'; readonly answer: Answer };

/** A request on its way through. */
export type ProxiedRequest = Pick<Passing, 'method' | 'path' | 'headers'> & {
  /** 1 for the first request that this proxy sees. */
  readonly number: number;
  readonly body: string;
};

/** An HTTP proxy that fails on command, between a client and a Region or between a Region and DynamoDB. */
export interface FaultProxy extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly ProxiedRequest[];
  /** Decides about each request. */
  decide: (request: ProxiedRequest) => Fault;
}

export const PASS: Fault = { kind: 'pass' };

/** What DynamoDB answers when both Regions write one item at once. */
export const REPLICATED_WRITE_CONFLICT: Fault = { kind: 'answer', answer: DYNAMODB_ERRORS.conflict };

/** What a Region that is cut off from its peers answers to writes and strong reads. */
export const INTERNAL_SERVER_ERROR: Fault = { kind: 'answer', answer: DYNAMODB_ERRORS.internal };

export const THROTTLED: Fault = { kind: 'answer', answer: DYNAMODB_ERRORS.throttled };

/** Starts a proxy in front of a URL. It passes everything until `decide` is set. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const requests: ProxiedRequest[] = [];
  const handle = async (passing: Passing) => {
    const { method, path, headers } = passing;
    const request = {
      number: requests.length + 1,
      method,
      path,
      headers,
      body: passing.body.toString('utf8'),
    };
    requests.push(request);
    await apply(proxy.decide(request), passing);
  };
  const behind = await HttpProxy.start({ target, handle });
  const proxy: FaultProxy = {
    url: behind.url,
    requests,
    decide: () => PASS,
    [Symbol.asyncDispose]: () => behind.stop(),
  };
  return proxy;
}

async function apply(fault: Fault, passing: Passing): Promise<void> {
  switch (fault.kind) {
    case 'pass':
      passing.reply(await passing.deliver());
      return;
    case 'drop_request':
      passing.reply(undefined);
      return;
    case 'drop_reply':
      await passing.deliver();
      passing.reply(undefined);
      return;
    case 'hang':
      await passing.deliver();
      return;
    case 'answer':
      passing.reply(fault.answer);
      return;
    case 'hold':
  }
}
