/** Every test fails where one of the API's responses to it was not as the API's description says. One of Vitest's `setupFiles`. */
import { afterEach } from 'vitest';
import { assertAsDescribed } from './response-faults.ts';

afterEach(assertAsDescribed);
