import { serveCalls } from '../../inference/serve-calls.ts';
import { InferenceModel } from './inference-model.ts';

/** Entry of the process that computes Mochi on one device. */
serveCalls(new InferenceModel());
