import { expect, it } from '@jest/globals';
import { ConfigError, readConfig, temporalEnv, withoutSecrets, workerEnv } from '../../temporal/config.ts';

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

it('keeps secrets out of the log', () => {
  const config = readConfig(temporalEnv, { TEMPORAL_API_KEY: 'abc', TEMPORAL_TLS_CLIENT_KEY_PATH: '/run/key.pem' });
  expect(withoutSecrets(config)).toMatchObject({
    TEMPORAL_API_KEY: '(set)',
    TEMPORAL_TLS_CLIENT_KEY_PATH: '/run/key.pem',
  });
});
