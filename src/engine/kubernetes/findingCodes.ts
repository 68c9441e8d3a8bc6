/** Every code of this back end, `CK2001` on. A code never changes its meaning. */
export const renderCodes = {
  hostRewritten: 'CK2001', portInferred: 'CK2002', headless: 'CK2003', routing: 'CK2004', dependency: 'CK2005', volume: 'CK2006', copyUp: 'CK2007',
  user: 'CK2008', security: 'CK2009', published: 'CK2010', secretWord: 'CK2011', fileTooLarge: 'CK2012', name: 'CK2013', network: 'CK2014', replicas: 'CK2015',
  directory: 'CK2016', lifecycle: 'CK2017', label: 'CK2018', task: 'CK2019', external: 'CK2020', daemon: 'CK2021',
  image: 'CK2030', certificate: 'CK2031', backup: 'CK2032', scale: 'CK2033',
  unresolvedHost: 'CK2040', podSecurity: 'CK2041', hook: 'CK2042', placement: 'CK2043', sysctl: 'CK2044',
} as const;
