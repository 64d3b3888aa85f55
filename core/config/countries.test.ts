import { describe, expect, it } from 'vitest';
import { countryPlace } from './countries.ts';

/** Every code of ISO 3166-1, in the order of the standard's list, and XK. */
const CODES =
  'AF AX AL DZ AS AD AO AI AQ AG AR AM AW AU AT AZ BS BH BD BB BY BE BZ BJ BM BT BO BQ BA BW BV BR IO BN BG BF BI CV KH CM CA KY CF TD CL CN CX CC CO KM CG CD CK CR CI HR CU CW CY CZ DK DJ DM DO EC EG SV GQ ER EE SZ ET FK FO FJ FI FR GF PF TF GA GM GE DE GH GI GR GL GD GP GU GT GG GN GW GY HT HM VA HN HK HU IS IN ID IR IQ IE IM IL IT JM JP JE JO KZ KE KI KP KR KW KG LA LV LB LS LR LY LI LT LU MO MG MW MY MV ML MT MH MQ MR MU YT MX FM MD MC MN ME MS MA MZ MM NA NR NP NL NC NZ NI NE NG NU NF MK MP NO OM PK PW PS PA PG PY PE PH PN PL PT PR QA RE RO RU RW BL SH KN LC MF PM VC WS SM ST SA SN RS SC SL SG SX SK SI SB SO ZA GS SS ES LK SD SR SJ SE CH SY TW TJ TZ TH TL TG TK TO TT TN TR TM TC TV UG UA AE GB US UM UY UZ VU VE VN VG VI WF EH YE ZM ZW XK'.split(
    ' ',
  );

describe('countries', () => {
  it('has 249 codes of the standard and XK', () => {
    expect(new Set(CODES).size).toBe(250);
  });

  it.each(CODES)('%s has a place on the globe', (code) => {
    const place = countryPlace(code);
    expect(Math.abs(place?.lat ?? Number.NaN)).toBeLessThanOrEqual(90);
    expect(Math.abs(place?.lon ?? Number.NaN)).toBeLessThanOrEqual(180);
  });

  it.each(['T1', 'A1', 'EU', 'XX', 'ie', '', 'constructor'])('%j is no country', (code) => {
    expect(countryPlace(code)).toBeUndefined();
  });
});
