import { useCallback, useMemo } from 'react';
import { type Filter, FILTER_NAMES, filterQuery, readFilter } from './filter.ts';
import { setAddress, useInAddress } from './use-address.ts';

const NAMES: readonly string[] = FILTER_NAMES;

/** The parameters of the address that are the filter's. */
const filterInAddress = () =>
  new URLSearchParams([...new URLSearchParams(location.search)].filter(([name]) => NAMES.includes(name))).toString();

/**
 * The gallery's filter, kept in the page's address, so that a reload or a shared link shows the same.
 *
 * @param allAccounts the viewer may filter by account
 * @returns the filter, and a stable function that changes some of it; `typing` adds no entry to the browser's history
 */
export function useFilter(allAccounts: boolean): [Filter, (change: Partial<Filter>, typing?: boolean) => void] {
  const search = useInAddress(filterInAddress);
  const change = useCallback((changed: Partial<Filter>, typing = false) => {
    const query = filterQuery({ ...readFilter(new URLSearchParams(location.search)), ...changed });
    setAddress(
      Object.fromEntries(FILTER_NAMES.map((name) => [name, query[name] ?? null])),
      typing ? 'replace' : 'push',
    );
  }, []);
  const filter = useMemo(() => {
    const { account, ...others } = readFilter(new URLSearchParams(search));
    return { ...others, account: allAccounts ? account : '' };
  }, [search, allAccounts]);
  return [filter, change];
}
