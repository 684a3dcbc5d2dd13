"""Alive, ready, watched."""


def test_alive_ready_and_watched(client, db, serving):
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").status_code == 200
    assert client.get("/metrics").status_code == 200


def test_not_ready_without_a_model(client, db, settings, tmp_path):
    settings.MODEL_DIR = tmp_path
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["model"] == "NoModel"
