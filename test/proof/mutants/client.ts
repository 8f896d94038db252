import type { Room } from './workshop.ts';

/** What is certain of a call, and which requests are served. */
export const CLIENT: Room = {
  'client/attempt.ts': [
    {
      removes: 'believing "not executed" only over a transport that sends once',
      keeps: 'I5',
      find: "environment.sendsOnce ? 'no' : 'unknown'",
      replace: "environment.sendsOnce ? 'no' : 'no'",
      caughtBy: 'test/client/transport.test.ts',
    },
    {
      removes: 'taking a 4xx for "not executed" only from API Gateway itself',
      keeps: 'I5',
      find: 'headers.get(HEADERS.gatewayRequest) !== null && ',
      caughtBy: 'test/client/outcomes.test.ts',
    },
  ],
  'client/round.ts': [
    {
      removes: 'that an attempt that was still running when another one was answered may be executed later',
      keeps: 'I3',
      find: 'failures: [...failures, ...abandoned]',
      replace: 'failures',
      caughtBy: 'test/client/batches.test.ts',
    },
  ],
  'client/batcher.ts': [
    {
      removes: 'that a call whose batch may still be executed is not certainly "not executed"',
      keeps: 'I5',
      find: "...(isUnsure && !isFinal ? { executed: 'unknown' } : {})",
      caughtBy: 'test/client/batches.test.ts',
    },
    {
      removes: 'that a call that was sent may have been executed when its time is up',
      keeps: 'I5',
      find: "const executed = waiting.isSent ? 'unknown' : 'no';",
      replace: "const executed = 'no';",
      caughtBy: 'test/client/batches.test.ts',
    },
    {
      removes: 'that a call that has ended before its batch is sent is not sent any more',
      keeps: 'I5',
      find: 'together.filter(({ hasEnded }) => !hasEnded)',
      replace: 'together',
      caughtBy: 'test/client/batches.test.ts',
    },
  ],
  'client/call-result.ts': [
    {
      removes: 'minting a key anew only when no attempt with the old one can have been executed',
      keeps: 'I5',
      find: "result.executed === 'no' && result.bankTimeMs",
      replace: 'result.bankTimeMs',
      caughtBy: 'test/client/keys.test.ts',
    },
  ],
  'client/call.ts': [
    {
      removes: 'that a refusal says nothing of an attempt whose answer was lost before it',
      keeps: 'I5',
      find: "executed: isFinalRefusal(conclusion.code) ? 'no' : executed,",
      replace: "executed: 'no',",
      caughtBy: 'test/client/keys.test.ts',
    },
  ],
  'functions/http/routes.ts': [
    {
      removes: 'serving only the route that the gateway had matched',
      keeps: 'who may call',
      find: ' && routeKeyOf(method, path) === routeKey;',
      replace: ';',
      caughtBy: 'test/functions/handler.test.ts',
    },
  ],
};
