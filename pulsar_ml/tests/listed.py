"""Made-up lists of candidates in the columns that CandyJar and PulsarX have."""

import csv
import io
from collections.abc import Sequence

CANDYJAR = (
    """
    pointing_id,beam_id,beam_name,source_name,ra,dec,gl,gb,mjd_start,utc_start,
    f0_user,f0_opt,f0_opt_err,f1_user,f1_opt,f1_opt_err,acc_user,acc_opt,acc_opt_err,
    dm_user,dm_opt,dm_opt_err,sn_fft,sn_fold,pepoch,maxdm_ymw16,dist_ymw16,
    pics_trapum_ter5,pics_palfa,png_path,metafile_path,filterbank_path,
    candidate_tarball_path,tobs
""".replace(" ", "")
    .replace("\n", "")
    .split(",")
)


PULSARX = (
    """
    id,dm_old,dm_new,dm_err,dist_ymw16,f0_old,f0_new,f0_err,f1_old,f1_new,f1_err,
    acc_old,acc_new,acc_err,S/N,S/N_new,boxcar_width
""".replace(" ", "")
    .replace("\n", "")
    .split(",")
)


def candidate(png: str, **other: str) -> dict[str, str]:
    """A row of candidates.csv about the raw candidate of this picture."""
    row = {
        "pointing_id": "7",
        "beam_id": "1812",
        "beam_name": "cfbf00012",
        "source_name": "MSGPS_S_0042",
        "ra": "17:48:04.85",
        "dec": "-24:46:46.20",
        "gl": "3.8500",
        "gb": "+1.7",
        "mjd_start": "59352.0416666667",
        "utc_start": "2021-05-18T01:00:00",
        "f0_user": "2.00000010",
        "f0_opt": "2.0000000000",
        "f1_opt": "-4e-15",
        "acc_opt": "-0.50",
        "dm_user": "20.10",
        "dm_opt": "20.00",
        "sn_fft": "11.20",
        "sn_fold": "14.070",
        "pics_trapum_ter5": "0.990",
        "pics_palfa": "0.5",
        "png_path": png,
        "metafile_path": "meta/7.meta",
        "candidate_tarball_path": "tars/7.tar.gz",
        "tobs": "600",
    }
    return dict.fromkeys(CANDYJAR, "") | row | other


def candyjar(rows: Sequence[dict[str, str]], before: str = "") -> bytes:
    """A candidates.csv of these rows, with other lines before it if wanted."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return (before + text.getvalue()).encode()


def pulsarx(numbers: Sequence[int]) -> bytes:
    """A .cands of candidates with these numbers."""
    head = {
        "Filename": "/data/beam.fil",
        "Telescope": "MeerKAT",
        "Source_name": "J1748-2446A",
        "Beam": "cfbf00012",
        "Date": "59352.0416666667",
        "RA": "17:48:04.85",
        "DEC": "-24:46:46.20",
        "GL": "3.85",
        "GB": "1.70",
        "MaxDM_YMW16": "1800",
        "Pepoch": "59352.045",
    }
    lines = [f"#{key} {value}" for key, value in head.items()]
    lines.append("#" + "\t".join(PULSARX))
    for number in numbers:
        values = ["20.10", "20.00", "0.1", "1.2", "2.0000001", "2.0", "1e-8"]
        values += ["0", "-4e-15", "1e-16", "0", "-0.5", "0.1", "13.5", "14.07", "0.05"]
        lines.append("\t".join([str(number), *values]))
    return ("\n".join(lines) + "\n").encode()
