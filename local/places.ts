/**
 * Simulated viewers: where a caller of the local CloudFront seems to be, and where Lambda@Edge then runs. Coordinates are
 * those of the city in degrees (GeoNames); what CloudFront adds as viewer headers is all here.
 */
export interface Place {
  /** Name in `x-sim-viewer`. */
  readonly slug: string;
  /** `CloudFront-Viewer-City`. */
  readonly city: string;
  /** `CloudFront-Viewer-Country`, ISO 3166-1 alpha-2. */
  readonly country: string;
  /** `CloudFront-Viewer-Country-Name`. */
  readonly countryName: string;
  /** `CloudFront-Viewer-Country-Region`, ISO 3166-2 without the country. */
  readonly region: string;
  /** `CloudFront-Viewer-Country-Region-Name`. */
  readonly regionName: string;
  /** `CloudFront-Viewer-Latitude`, degrees north. */
  readonly lat: number;
  /** `CloudFront-Viewer-Longitude`, degrees east. */
  readonly lon: number;
  /** `CloudFront-Viewer-Time-Zone`, IANA. */
  readonly timeZone: string;
}

/** An AWS Region in which Lambda@Edge runs. */
export interface EdgeRegion {
  readonly name: string;
  readonly lat: number;
  readonly lon: number;
}

/** Where a caller without `x-sim-viewer` is. */
export const DEFAULT_PLACE = 'dublin';

const ROWS = `
dublin         | Dublin         | IE | Ireland              | L   | Leinster              | 53.3331  | -6.2489   | Europe/Dublin
london         | London         | GB | United Kingdom       | ENG | England               | 51.5085  | -0.1257   | Europe/London
paris          | Paris          | FR | France               | IDF | Île-de-France         | 48.8534  | 2.3488    | Europe/Paris
madrid         | Madrid         | ES | Spain                | MD  | Madrid                | 40.4165  | -3.7026   | Europe/Madrid
lisbon         | Lisbon         | PT | Portugal             | 11  | Lisbon                | 38.7167  | -9.1333   | Europe/Lisbon
berlin         | Berlin         | DE | Germany              | BE  | Land Berlin           | 52.5244  | 13.4105   | Europe/Berlin
frankfurt      | Frankfurt      | DE | Germany              | HE  | Hesse                 | 50.1155  | 8.6842    | Europe/Berlin
zurich         | Zurich         | CH | Switzerland          | ZH  | Zurich                | 47.3667  | 8.55      | Europe/Zurich
milan          | Milan          | IT | Italy                | 25  | Lombardy              | 45.4643  | 9.1895    | Europe/Rome
stockholm      | Stockholm      | SE | Sweden               | AB  | Stockholm             | 59.3294  | 18.0687   | Europe/Stockholm
helsinki       | Helsinki       | FI | Finland              | 18  | Uusimaa               | 60.1695  | 24.9354   | Europe/Helsinki
warsaw         | Warsaw         | PL | Poland               | 14  | Mazovia               | 52.2298  | 21.0118   | Europe/Warsaw
athens         | Athens         | GR | Greece               | I   | Attica                | 37.9838  | 23.7278   | Europe/Athens
istanbul       | Istanbul       | TR | Turkey               | 34  | Istanbul              | 41.0138  | 28.9497   | Europe/Istanbul
reykjavik      | Reykjavik      | IS | Iceland              | 1   | Capital Region        | 64.1355  | -21.8954  | Atlantic/Reykjavik
new-york       | New York       | US | United States        | NY  | New York              | 40.7143  | -74.006   | America/New_York
ashburn        | Ashburn        | US | United States        | VA  | Virginia              | 39.0437  | -77.4875  | America/New_York
miami          | Miami          | US | United States        | FL  | Florida               | 25.7743  | -80.1937  | America/New_York
chicago        | Chicago        | US | United States        | IL  | Illinois              | 41.85    | -87.65    | America/Chicago
dallas         | Dallas         | US | United States        | TX  | Texas                 | 32.7831  | -96.8067  | America/Chicago
denver         | Denver         | US | United States        | CO  | Colorado              | 39.7392  | -104.9847 | America/Denver
seattle        | Seattle        | US | United States        | WA  | Washington            | 47.6062  | -122.3321 | America/Los_Angeles
san-francisco  | San Francisco  | US | United States        | CA  | California            | 37.7749  | -122.4194 | America/Los_Angeles
los-angeles    | Los Angeles    | US | United States        | CA  | California            | 34.0522  | -118.2437 | America/Los_Angeles
honolulu       | Honolulu       | US | United States        | HI  | Hawaii                | 21.3069  | -157.8583 | Pacific/Honolulu
toronto        | Toronto        | CA | Canada               | ON  | Ontario               | 43.7001  | -79.4163  | America/Toronto
montreal       | Montreal       | CA | Canada               | QC  | Quebec                | 45.5088  | -73.5878  | America/Toronto
vancouver      | Vancouver      | CA | Canada               | BC  | British Columbia      | 49.2497  | -123.1193 | America/Vancouver
mexico-city    | Mexico City    | MX | Mexico               | CMX | Mexico City           | 19.4285  | -99.1277  | America/Mexico_City
bogota         | Bogotá         | CO | Colombia             | DC  | Bogota D.C.           | 4.6097   | -74.0817  | America/Bogota
lima           | Lima           | PE | Peru                 | LMA | Lima Province         | -12.0432 | -77.0282  | America/Lima
sao-paulo      | São Paulo      | BR | Brazil               | SP  | São Paulo             | -23.5475 | -46.6361  | America/Sao_Paulo
buenos-aires   | Buenos Aires   | AR | Argentina            | C   | Buenos Aires F.D.     | -34.6132 | -58.3772  | America/Argentina/Buenos_Aires
santiago       | Santiago       | CL | Chile                | RM  | Santiago Metropolitan | -33.4569 | -70.6483  | America/Santiago
cairo          | Cairo          | EG | Egypt                | C   | Cairo                 | 30.0626  | 31.2497   | Africa/Cairo
lagos          | Lagos          | NG | Nigeria              | LA  | Lagos                 | 6.4541   | 3.3947    | Africa/Lagos
nairobi        | Nairobi        | KE | Kenya                | 30  | Nairobi County        | -1.2833  | 36.8167   | Africa/Nairobi
johannesburg   | Johannesburg   | ZA | South Africa         | GP  | Gauteng               | -26.2023 | 28.0436   | Africa/Johannesburg
cape-town      | Cape Town      | ZA | South Africa         | WC  | Western Cape          | -33.9258 | 18.4232   | Africa/Johannesburg
tel-aviv       | Tel Aviv       | IL | Israel               | TA  | Tel Aviv              | 32.0809  | 34.7806   | Asia/Jerusalem
dubai          | Dubai          | AE | United Arab Emirates | DU  | Dubai                 | 25.0772  | 55.3093   | Asia/Dubai
riyadh         | Riyadh         | SA | Saudi Arabia         | 01  | Riyadh Region         | 24.6877  | 46.7219   | Asia/Riyadh
mumbai         | Mumbai         | IN | India                | MH  | Maharashtra           | 19.0728  | 72.8826   | Asia/Kolkata
delhi          | Delhi          | IN | India                | DL  | Delhi                 | 28.652   | 77.2315   | Asia/Kolkata
bangalore      | Bengaluru      | IN | India                | KA  | Karnataka             | 12.9719  | 77.5937   | Asia/Kolkata
singapore      | Singapore      | SG | Singapore            | 01  | Central Singapore     | 1.2897   | 103.8501  | Asia/Singapore
jakarta        | Jakarta        | ID | Indonesia            | JK  | Jakarta               | -6.2146  | 106.8451  | Asia/Jakarta
bangkok        | Bangkok        | TH | Thailand             | 10  | Bangkok               | 13.754   | 100.5014  | Asia/Bangkok
manila         | Manila         | PH | Philippines          | 00  | Metro Manila          | 14.6042  | 120.9822  | Asia/Manila
hong-kong      | Hong Kong      | HK | Hong Kong            | HCW | Central and Western   | 22.2783  | 114.1747  | Asia/Hong_Kong
taipei         | Taipei         | TW | Taiwan               | TPE | Taipei City           | 25.0531  | 121.5264  | Asia/Taipei
seoul          | Seoul          | KR | South Korea          | 11  | Seoul                 | 37.566   | 126.9784  | Asia/Seoul
tokyo          | Tokyo          | JP | Japan                | 13  | Tokyo                 | 35.6895  | 139.6917  | Asia/Tokyo
osaka          | Osaka          | JP | Japan                | 27  | Osaka                 | 34.6937  | 135.5022  | Asia/Tokyo
sydney         | Sydney         | AU | Australia            | NSW | New South Wales       | -33.8678 | 151.2073  | Australia/Sydney
melbourne      | Melbourne      | AU | Australia            | VIC | Victoria              | -37.814  | 144.9633  | Australia/Melbourne
perth          | Perth          | AU | Australia            | WA  | Western Australia     | -31.9522 | 115.8614  | Australia/Perth
auckland       | Auckland       | NZ | New Zealand          | AUK | Auckland              | -36.8485 | 174.7635  | Pacific/Auckland
suva           | Suva           | FJ | Fiji                 | C   | Central               | -18.1416 | 178.4415  | Pacific/Fiji
`;

/** Every simulated place. */
export const PLACES: readonly Place[] = ROWS.trim()
  .split('\n')
  .map((row) => {
    const [
      slug = '',
      city = '',
      country = '',
      countryName = '',
      region = '',
      regionName = '',
      lat,
      lon,
      timeZone = '',
    ] = row.split('|').map((cell) => cell.trim());
    return { slug, city, country, countryName, region, regionName, lat: Number(lat), lon: Number(lon), timeZone };
  });

/** Regions with a regional edge cache, where Lambda@Edge runs. Source: AWS, CloudFront regional edge caches. */
export const EDGE_REGIONS: readonly EdgeRegion[] = [
  { name: 'us-east-1', lat: 38.95, lon: -77.45 },
  { name: 'us-east-2', lat: 39.96, lon: -83.0 },
  { name: 'us-west-1', lat: 37.35, lon: -121.96 },
  { name: 'us-west-2', lat: 45.84, lon: -119.7 },
  { name: 'sa-east-1', lat: -23.55, lon: -46.63 },
  { name: 'eu-west-1', lat: 53.35, lon: -6.26 },
  { name: 'eu-west-2', lat: 51.51, lon: -0.13 },
  { name: 'eu-central-1', lat: 50.11, lon: 8.68 },
  { name: 'ap-south-1', lat: 19.08, lon: 72.88 },
  { name: 'ap-southeast-1', lat: 1.35, lon: 103.82 },
  { name: 'ap-southeast-2', lat: -33.87, lon: 151.21 },
  { name: 'ap-northeast-1', lat: 35.68, lon: 139.69 },
  { name: 'ap-northeast-2', lat: 37.57, lon: 126.98 },
];

const BY_SLUG = new Map(PLACES.map((place) => [place.slug, place]));
/** The place with that slug, if there is one. */
export function findPlace(slug: string): Place | undefined {
  return BY_SLUG.get(slug);
}

/** The Region in which Lambda@Edge runs for a viewer at these degrees. */
export function nearestEdgeRegion(lat: number, lon: number): string {
  let best = '';
  let shortest = Number.POSITIVE_INFINITY;
  for (const region of EDGE_REGIONS) {
    const distance = haversine(lat, lon, region.lat, region.lon);
    if (distance < shortest) {
      shortest = distance;
      best = region.name;
    }
  }
  return best;
}

/** All slugs, in the order of the table. */
export function placeSlugs(): readonly string[] {
  return [...BY_SLUG.keys()];
}

/** Great-circle distance as a fraction of the Earth's diameter: enough to compare. */
function haversine(lat1: number, lon1: number, lat2: number, lon2: number): number {
  const rad = Math.PI / 180;
  const a =
    Math.sin(((lat2 - lat1) * rad) / 2) ** 2 +
    Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * Math.sin(((lon2 - lon1) * rad) / 2) ** 2;
  return Math.asin(Math.min(1, Math.sqrt(a)));
}
