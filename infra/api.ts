import { Duration, type RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CorsHttpMethod,
  type CorsPreflightOptions,
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { OPERATIONS } from '../client/contract/schemas.ts';
import { FUNCTION_TIMEOUT_MS } from './configuration.ts';
import { CORS } from './cors.ts';

/** Name of the API's one stage. API Gateway serves a stage of this name at the root of the address. */
export const STAGE = '$default';

/** The HTTP API of a Region. */
export interface BankApiProps {
  readonly apiName: string;
  readonly handler: IFunction;
  readonly requestsPerSecond: number;
  readonly burstRequests: number;
  /** Origins of pages that may call. */
  readonly corsOrigins: readonly string[];
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

/** What is logged of each request, whether or not it reached the function. No header, no query, no body. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    time: '$context.requestTimeEpoch',
    caller: '$context.identity.userArn',
    sourceIp: '$context.identity.sourceIp',
    routeKey: '$context.routeKey',
    path: '$context.path',
    status: '$context.status',
    responseLatencyMs: '$context.responseLatency',
    integrationLatencyMs: '$context.integrationLatency',
    functionRequestId: '$context.integration.requestId',
    error: '$context.error.message',
    integrationError: '$context.integrationErrorMessage',
  }),
);

/** How much longer than the function the gateway waits, so that the function says why it failed, in milliseconds. */
const GATEWAY_MARGIN_MS = 1_000;

/**
 * The HTTP API: a route for every operation of the contract, and one more for everything else, which the function answers with the same
 * problem as it does on one machine. Each asks IAM who is calling, except the one for OPTIONS of a bank with `corsOrigins`: a browser signs
 * no preflight. The gateway answers those, and the function has no operation for OPTIONS.
 */
export class BankApi extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;

  constructor(scope: Construct, id: string, props: BankApiProps) {
    super(scope, id);
    const integration = new HttpLambdaIntegration('Function', props.handler, {
      timeout: Duration.millis(FUNCTION_TIMEOUT_MS + GATEWAY_MARGIN_MS),
    });
    this.api = new HttpApi(this, 'Http', {
      apiName: props.apiName,
      createDefaultStage: false,
      defaultAuthorizer: new HttpIamAuthorizer(),
      defaultIntegration: integration,
      ...(props.corsOrigins.length === 0 ? {} : { corsPreflight: preflightFor(props.corsOrigins) }),
    });
    if (props.corsOrigins.length > 0) {
      // Without it the route for everything else would take a preflight, and ask who is calling.
      const [preflight] = this.api.addRoutes({
        path: '/{proxy+}',
        methods: [HttpMethod.OPTIONS],
        integration,
        authorizer: new HttpNoneAuthorizer(),
      });
      Validations.of(preflight ?? this.api).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason:
          'A browser signs no preflight. The gateway answers it, and the function has no operation for OPTIONS.',
      });
    }
    for (const { method, path } of Object.values(OPERATIONS)) {
      this.api.addRoutes({ path, methods: [HttpMethod[method]], integration });
    }
    const accessLog = new LogGroup(this, 'AccessLog', {
      // API Gateway names each log group in a policy of the account, which takes 5,120 characters. When it is full, no further
      // API can be deployed. All groups with this prefix share one entry.
      logGroupName: `/aws/vendedlogs/apigateway/${props.apiName}`,
      retention: props.logRetention,
      removalPolicy: props.removalPolicy,
    });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: STAGE,
      autoDeploy: true,
      throttle: { rateLimit: props.requestsPerSecond, burstLimit: props.burstRequests },
      accessLogSettings: { destination: new LogGroupLogDestination(accessLog), format: ACCESS_LOG },
    });
  }
}

function preflightFor(origins: readonly string[]): CorsPreflightOptions {
  return {
    allowOrigins: [...origins],
    allowMethods: CORS.methods.map((method) => CorsHttpMethod[method]),
    allowHeaders: [...CORS.sent],
    exposeHeaders: [...CORS.readable],
    maxAge: Duration.seconds(CORS.keptSeconds),
  };
}
