import { MAX_BODY_BYTES } from '../../client/contract/schemas.ts';
import { CANARY } from './fuzz-requests.ts';

/** Text that has brought down other programs. None of it is an account's name, a key or an amount. */
export const NASTY: readonly string[] = [
  ...['__proto__', '.', '..', '-', ' ', ' joe', 'joe ', 'joe\0', '\0', '%00', '%2e%2e', '%2f', '#health'],
  ...['\\', '*', `joe\r\nset-cookie: ${CANARY}=1`, `joe\n{"level":"ERROR","message":"${CANARY}"}`],
  ...[`<b>${CANARY}</b>`, 'jos\u00e9', 'jose\u0301', 'j\u043e\u0435', '\u202ejoe', 'joe\u200b'],
  ...['\ufeffjoe', '\uff4a\uff4f\uff45', '\ud83d\udcb0', '\ud800', '\udfffjoe', '\u2028', '\u212a'],
  ...['\u0131', '{account}', `\${jndi:${CANARY}}`, "' OR '1'='1", '{"S":"joe"}'],
  ...['attribute_exists(account)', `/srv/${CANARY}.ts:1:1`, CANARY.repeat(200)],
];

export const BAD_AMOUNTS: readonly string[] = [
  ...['10', '-10', '0', '1e3', '1.5', 'null', 'true', '[]', '{}', '["10"]', '{"$gt":"0"}', '""', '"0"'],
  ...['"-10"', '"010"', '"+1"', '" 1"', '"1 "', '"1.0"', '"1e3"', '"0x10"', '"1_0"', '"1000000000000000"'],
  ...['"\\u0661"', '"\uff15"', '"NaN"', '"Infinity"', '"__proto__"', '"1\\u0000"', '1e999'],
  `"${'9'.repeat(4000)}"`,
];

export const BAD_BODIES: readonly (string | undefined)[] = [
  ...[undefined, '', ' ', '\0', 'null', 'true', '0', '""', '"10"', '[]', '{}', '[{"amount":"10"}]'],
  ...['{"amount"}', '{"amount":"10"', '{"amount":"10"}}', "{'amount':'10'}", 'amount=10'],
  ...['<amount>10</amount>', '\ufeff{"amount":"10"}', '{"Amount":"10"}'],
  ...['{"amount":"10","currency":"EUR"}', '{"amount":"10","__proto__":{"admin":true}}'],
  ...['{"__proto__":{"amount":"10"}}', '{"amount":"10","constructor":{"prototype":{}}}'],
  ...['{"toString":"10"}', '{"amount":"10","toString":1}', '{"amount":"10","hasOwnProperty":1}'],
  ...['{"amount":"10","amount":"-10"}', `{"amount":"10"}${' '.repeat(MAX_BODY_BYTES)}`],
  ...['['.repeat(MAX_BODY_BYTES), `{"amount":${'['.repeat(2000)}${']'.repeat(2000)}}`],
  `{"amount":"${CANARY}"}`,
];

/** Methods that no route has. */
export const BAD_METHODS = [
  ...['HEAD', 'PATCH', 'OPTIONS', 'get', 'Post', '', '__proto__', 'constructor', 'GET /health', 'GET\r\n'],
];

export const BAD_TAILS = [
  ...['/', '//', '/..', '/%2f', '/replies', '/deposits/extra', '/\0', '/replies/a/b', '/constructor'],
];
export const BAD_HEADS = ['/', '/.', '/..', '/v1', '/accounts/joe/..', '%2f', 'http://bank', '\0'];
