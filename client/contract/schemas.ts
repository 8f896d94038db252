/**
 * The schemas of requests and answers. The function validates requests with them, and the OpenAPI document is made from them and their
 * descriptions. The client reads answers without a schema library (`read-answer.ts`); `test/package/answers.test.ts` checks that both accept
 * the same.
 */
export * from './answer-schemas.ts';
export * from './field-schemas.ts';
export * from './formats.ts';
export * from './operations.ts';
export * from './problems.ts';
export * from './request-schemas.ts';
