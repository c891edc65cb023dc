import type * as common from '@temporalio/common';

// CommonJS, because the SDK loads it with `require`; webpack puts it into the workflows' bundle.
const { DefaultFailureConverter } = require('@temporalio/common') as typeof common;

/** Puts messages and stack traces of failures into a payload, which a codec can encrypt. */
exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
