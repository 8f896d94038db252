import { App } from 'aws-cdk-lib';
import { addTwinbank } from './twinbank.ts';

addTwinbank(new App());
