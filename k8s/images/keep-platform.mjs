// Deletes the native libraries of other platforms, which some packages carry for all of them. Run in the folder of
// node_modules.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const { arch, platform } = process;
const cpu = { x64: 'x86_64', arm64: 'aarch64' }[arch];

keep('node_modules/@temporalio/core-bridge/releases', (name) => name === `${cpu}-unknown-linux-gnu`);
keep('node_modules/onnxruntime-node/bin/napi-v6', (name) => name === platform);
keep(`node_modules/onnxruntime-node/bin/napi-v6/${platform}`, (name) => name === arch);

function keep(folder, wanted) {
  const names = readdirSync(folder);
  if (!names.some(wanted)) throw new Error(`${folder} has nothing for ${platform} on ${arch}: ${names.join(', ')}`);
  for (const name of names) if (!wanted(name)) rmSync(join(folder, name), { recursive: true });
}
