"""The psrcat format with its traps, small and whole."""

import gzip
import io
import tarfile

import pytest
from astropy.coordinates import BarycentricMeanEcliptic, SkyCoord

from pulsar_ml.catalogue import Pulsar
from pulsar_ml.errors import BadInput
from pulsar_ml.psrcat import parse, read

TEXT = """\
#CATALOGUE 1.66
#
PSRB     B0329+54                      xyz
PSRJ     J0332+5434
RAJ      03:32:59.4096            1    dgb+19
DECJ     +54:34:43.329            1    dgb+19
F0       2.0           6    hlk+04
DM       26.7641                  1    hsh+12
S400     1500                     200  lylg95
@-----------------------------------------------------------------
PSRJ     J0011-00                      dsm+16
RAJ      00:12                    114  dsm+16
DECJ     -00:30                   8    dsm+16
P0       2.55287                       dsm+16
S1400    0.3
@-----------------------------------------------------------------
PSRJ     J1745-0952
ELONG    0.0      1
ELAT     0.0      1
F0       unknown
@-----------------------------------------------------------------
PSRJ     J1900+00
ELONG    90.0
ELAT     0.0
@-----------------------------------------------------------------
PSRJ     J0000+0000
RAJ      00:00:00
@-----------------------------------------------------------------
"""

PULSARS = [
    Pulsar(
        "J0332+5434",
        "B0329+54",
        pytest.approx(53.24754),
        pytest.approx(54.5787025),
        0.5,
        26.7641,
        1500,
    ),
    Pulsar("J0011-00", "", pytest.approx(3.0), -0.5, 2.55287, None, None, 0.3),
    Pulsar("J1745-0952", "", 0.0, 0.0, None, None),
    Pulsar("J1900+00", "", pytest.approx(90), pytest.approx(23.4392911), None, None),
]


def tar(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path, inside in (("psrcat_tar/README", b"read me"), (name, content)):
            entry = tarfile.TarInfo(path)
            entry.size = len(inside)
            archive.addfile(entry, io.BytesIO(inside))
    return packed.getvalue()


def test_every_way_to_write_a_pulsar_is_understood():
    found = parse(TEXT)

    assert found.version == "1.66"
    assert found.pulsars == PULSARS


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        gzip.compress(TEXT.encode()),
        tar("psrcat_tar/psrcat.db", TEXT.encode()),
        TEXT.replace("\n", "\r\n").encode(),
    ],
    ids=["plain", "gzip", "tar.gz", "CRLF"],
)
def test_a_catalogue_is_read_however_it_is_packed(content):
    assert read(content).pulsars == PULSARS


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no pulsars"),
        (b"<html>Service unavailable</html>", "holds no pulsars"),
        (tar("psrcat_tar/other.db", TEXT.encode()), "without a psrcat.db"),
        (tar("psrcat.db", TEXT.encode())[:-40], "damaged archive"),
        (b"\x1f\x8b nonsense", "damaged archive"),
        (gzip.compress(bytes(101 * 2**20), 1), "more than any catalogue"),
    ],
)
def test_what_is_no_catalogue_is_refused_with_words(content, words):
    with pytest.raises(BadInput, match=words):
        read(content)


def test_the_whole_catalogue_keeps_every_pulsar(data):
    found = read((data / "psrcat.db").read_bytes())

    assert (found.version, len(found.pulsars)) == ("1.66", 3282)
    assert sum(pulsar.period_s is None for pulsar in found.pulsars) == 34
    assert sum(pulsar.dm is None for pulsar in found.pulsars) == 122
    assert sum(bool(pulsar.b_name) for pulsar in found.pulsars) == 529
    assert all(0 <= pulsar.ra_deg < 360 for pulsar in found.pulsars)
    assert all(-90 <= pulsar.dec_deg <= 90 for pulsar in found.pulsars)


def test_positions_from_ecliptic_coordinates_agree_with_astropy(data):
    text = (data / "psrcat.db").read_text()
    records = text.split("@-")
    known = {pulsar.name: pulsar for pulsar in parse(text).pulsars}
    ecliptic = []
    for record in records:
        fields = dict(
            line.split()[:2] for line in record.splitlines() if len(line.split()) > 1
        )
        if "ELONG" in fields:
            ecliptic.append((fields["PSRJ"], fields["ELONG"], fields["ELAT"]))
    names, longitudes, latitudes = zip(*ecliptic, strict=True)
    there = SkyCoord(
        [float(longitude) for longitude in longitudes],
        [float(latitude) for latitude in latitudes],
        unit="deg",
        frame=BarycentricMeanEcliptic,
    ).icrs
    here = SkyCoord(
        [known[name].ra_deg for name in names],
        [known[name].dec_deg for name in names],
        unit="deg",
    )
    assert len(names) == 246
    assert here.separation(there).arcsec.max() < 0.5
