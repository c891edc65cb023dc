import { expect, it } from 'vitest';
import { temporalEnv, workerEnv } from '../../temporal/config.ts';
import { ConfigError, readConfig } from '../../platform/config/config.ts';
import { withoutSecrets } from '../../platform/config/secrets.ts';

it('starts without any setting', () => {
  expect(readConfig(workerEnv, {})).toEqual({
    TEMPORAL_ADDRESS: '127.0.0.1:7233',
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_TLS: false,
    LOG_LEVEL: 'info',
    LOG_PROMPTS: 'hash',
    HEALTH_HOST: '127.0.0.1',
    HEALTH_PORT: 0,
  });
});

it('takes the default where a template left a variable empty', () => {
  expect(readConfig(temporalEnv, { TEMPORAL_ADDRESS: '', LOG_LEVEL: '' })).toMatchObject({
    TEMPORAL_ADDRESS: '127.0.0.1:7233',
    LOG_LEVEL: 'info',
  });
});

it('does not take "false" for true, nor 0 for a port', () => {
  expect(readConfig(temporalEnv, { TEMPORAL_TLS: 'false' }).TEMPORAL_TLS).toBe(false);
  expect(readConfig(workerEnv, { HEALTH_PORT: '0' }).HEALTH_PORT).toBe(0);
  expect(() => readConfig(workerEnv, { HEALTH_PORT: '70000' })).toThrow(/HEALTH_PORT=70000: must be a port/);
});

it('names every variable that is wrong, its value and what is right', () => {
  expect(() => readConfig(temporalEnv, { TEMPORAL_ADDRESS: 'somewhere', LOG_LEVEL: 'loud' })).toThrow(
    /TEMPORAL_ADDRESS=somewhere: must be host:port[^]*LOG_LEVEL=loud: .*"info"/,
  );
  expect(() => readConfig(temporalEnv, { TEMPORAL_ADDRESS: 'x' })).toThrow(ConfigError);
});

it('keeps secrets out of the log, whatever shape an address has them in', () => {
  const config = readConfig(temporalEnv, { TEMPORAL_API_KEY: 'abc', TEMPORAL_TLS_CLIENT_KEY_PATH: '/run/key.pem' });
  expect(withoutSecrets(config)).toMatchObject({
    TEMPORAL_API_KEY: '(set)',
    TEMPORAL_TLS_CLIENT_KEY_PATH: '/run/key.pem',
  });
  const shown = {
    POLICY_MODERATOR_URL: ['https://mod.example.com/check?token=hush', 'https://mod.example.com/(set)?(set)'],
    OTEL_EXPORTER_OTLP_ENDPOINT: ['http://me:hush@otlp.example.com:4318', 'http://(set)@otlp.example.com:4318'],
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ['https://o.example.com/v1/traces/hush', 'https://o.example.com/(set)'],
    S3_ENDPOINT: ['https://hush@s3.example.com/', 'https://(set)@s3.example.com/'],
    S3_PUBLIC_ENDPOINT: ['https://me:hu/s?h@x@s3.example.com/#hush', 'https://(set)@s3.example.com/#(set)'],
    ARTEFACTS_URL: ['s3://me:hush@bucket/a/pre@fix?hush', 's3://(set)@bucket/a/pre@fix?(set)'],
    SCRATCH_URL: ['file:///var/lib/kinora', 'file:///var/lib/kinora'],
    TEMPORAL_ADDRESS: ['me:hush@temporal.example.com:7233', '(set)@temporal.example.com:7233'],
    WEBHOOK_URL: ['https://hooks.example.com/hush', '(set)'],
    SOME_LIST: ['https://a/?hush', 'https://a/?(set)'],
    MODEL_DIR: ['/models/mochi@1?', '/models/mochi@1?'],
    API_PORT: [8080, 8080],
  };
  const given = Object.fromEntries(Object.entries(shown).map(([name, [value]]) => [name, value]));
  const expected = Object.fromEntries(Object.entries(shown).map(([name, [, value]]) => [name, value]));
  expect(withoutSecrets({ ...given, SOME_LIST: [given['SOME_LIST']] })).toEqual({
    ...expected,
    SOME_LIST: [expected['SOME_LIST']],
  });
});

it('keeps secrets out of what it says of an address that cannot be used', () => {
  const wrong = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'htp://me:hush@otlp.example.com/?t=hush',
    TEMPORAL_ADDRESS: 'me:hush@x',
  };
  const failed = (() => readConfig(temporalEnv, wrong)) as () => void;
  expect(failed).toThrow(/OTEL_EXPORTER_OTLP_ENDPOINT=htp:\/\/\(set\)@otlp.example.com\/\?\(set\): must be/);
  expect(failed).toThrow(/TEMPORAL_ADDRESS=\(set\)@x: must be/);
  expect(failed).not.toThrow(/hush/);
});
