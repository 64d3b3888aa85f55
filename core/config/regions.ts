import { REGION_CODE } from '../contract/text.ts';

/** A Region nearput can be deployed to. Coordinates are those of the metropolitan area, in degrees. */
export type AwsRegion = {
  /** Code in ids and answers. */
  readonly code: string;
  /** AWS's name. */
  readonly name: string;
  readonly lat: number;
  readonly lon: number;
};

const region = (code: string, name: string, lat: number, lon: number): AwsRegion => ({ code, name, lat, lon });

/** Source of names: AWS general reference; of coordinates: the metropolitan areas AWS names for each Region. */
export const AWS_REGIONS: readonly AwsRegion[] = [
  region('use1', 'us-east-1', 38.95, -77.45),
  region('use2', 'us-east-2', 39.96, -83.0),
  region('usw1', 'us-west-1', 37.35, -121.96),
  region('usw2', 'us-west-2', 45.84, -119.7),
  region('cac1', 'ca-central-1', 45.5, -73.57),
  region('caw1', 'ca-west-1', 51.05, -114.07),
  region('mxc1', 'mx-central-1', 20.59, -100.39),
  region('sae1', 'sa-east-1', -23.55, -46.63),
  region('euw1', 'eu-west-1', 53.35, -6.26),
  region('euw2', 'eu-west-2', 51.51, -0.13),
  region('euw3', 'eu-west-3', 48.86, 2.35),
  region('euc1', 'eu-central-1', 50.11, 8.68),
  region('euc2', 'eu-central-2', 47.38, 8.54),
  region('eun1', 'eu-north-1', 59.33, 18.07),
  region('eus1', 'eu-south-1', 45.46, 9.19),
  region('eus2', 'eu-south-2', 41.65, -0.89),
  region('afs1', 'af-south-1', -33.92, 18.42),
  region('ilc1', 'il-central-1', 32.09, 34.78),
  region('mec1', 'me-central-1', 24.45, 54.38),
  region('mes1', 'me-south-1', 26.07, 50.56),
  region('aps1', 'ap-south-1', 19.08, 72.88),
  region('aps2', 'ap-south-2', 17.39, 78.49),
  region('apse1', 'ap-southeast-1', 1.35, 103.82),
  region('apse2', 'ap-southeast-2', -33.87, 151.21),
  region('apse3', 'ap-southeast-3', -6.21, 106.85),
  region('apse4', 'ap-southeast-4', -37.81, 144.96),
  region('apse5', 'ap-southeast-5', 3.14, 101.69),
  region('apse7', 'ap-southeast-7', 13.76, 100.5),
  region('apne1', 'ap-northeast-1', 35.68, 139.69),
  region('apne2', 'ap-northeast-2', 37.57, 126.98),
  region('apne3', 'ap-northeast-3', 34.69, 135.5),
  region('ape1', 'ap-east-1', 22.32, 114.17),
  region('ape2', 'ap-east-2', 25.03, 121.57),
];

const BY_CODE = new Map(AWS_REGIONS.map((entry) => [entry.code, entry]));
const BY_NAME = new Map(AWS_REGIONS.map((entry) => [entry.name, entry]));

/** The Region of a code such as `euw1`. */
export const regionByCode = (code: string): AwsRegion | undefined =>
  REGION_CODE.test(code) ? BY_CODE.get(code) : undefined;

/** The Region of an AWS name such as `eu-west-1`. */
export const regionByName = (name: string): AwsRegion | undefined => BY_NAME.get(name);
