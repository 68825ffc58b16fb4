"""What the database itself forbids."""

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from showroom.models import Batch, BatchFile, Chunk

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


def refused(make):
    make()
    with pytest.raises(IntegrityError), transaction.atomic():
        make()


def test_a_day_has_one_batch_for_a_version_and_uploads_as_many_as_they_like(champion):
    uploads = [Batch.objects.create(version=champion, title="x") for _ in range(2)]
    assert len({batch.pk for batch in uploads}) == 2

    refused(lambda: Batch.objects.create(version=champion, day=now().date()))


def test_a_chunk_stands_once_in_the_ledger(champion):
    batch = Batch.objects.create(version=champion)
    refused(
        lambda: Chunk.objects.create(
            batch=batch,
            number=0,
            first_row=1,
            n_rows=1,
            n_scored=1,
            n_pulsars=0,
            histogram=[],
        )
    )


def test_a_file_has_its_place_in_a_batch_alone(champion):
    batch = Batch.objects.create(version=champion)
    refused(
        lambda: BatchFile.objects.create(
            batch=batch, position=0, name="a", sha256="0" * 64, size=1
        )
    )
