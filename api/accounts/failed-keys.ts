import { AddressRate } from '../http/address-rate.ts';

/** Wrong keys that came from each address, at this process. A right one is taken however many wrong ones came with it. */
export class FailedKeys extends AddressRate {
  /** @param most from one address, a minute */
  constructor(most: number) {
    super('wrong API keys', most);
  }
}
