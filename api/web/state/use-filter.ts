import { useCallback, useEffect, useMemo, useState } from 'react';
import { type Filter, FILTER_NAMES, filterQuery, readFilter } from './filter.ts';

/**
 * The gallery's filter, kept in the page's address, so that a reload or a shared link shows the same.
 *
 * @param allAccounts the viewer may filter by account
 * @returns the filter, and a stable function that changes some of it; `typing` adds no entry to the browser's history
 */
export function useFilter(allAccounts: boolean): [Filter, (change: Partial<Filter>, typing?: boolean) => void] {
  const [search, setSearch] = useState(location.search);
  useEffect(() => {
    const follow = () => setSearch(location.search);
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  const change = useCallback((changed: Partial<Filter>, typing = false) => {
    const address = new URL(location.href);
    const query = filterQuery({ ...readFilter(address.searchParams), ...changed });
    for (const name of FILTER_NAMES) address.searchParams.delete(name);
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
    if (address.href !== location.href) history[typing ? 'replaceState' : 'pushState'](null, '', address);
    setSearch(address.search);
  }, []);
  const filter = useMemo(() => {
    const { account, ...others } = readFilter(new URLSearchParams(search));
    return { ...others, account: allAccounts ? account : '' };
  }, [search, allAccounts]);
  return [filter, change];
}
