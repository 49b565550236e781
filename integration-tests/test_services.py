"""The services that the other tests stand on: they answer, they fail on demand, they come back."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from services import (
    DynamoDbService,
    MongoAuthService,
    MongoService,
    RedisClusterService,
    RedisPasswordService,
    RedisSentinelService,
    RedisService,
    Service,
    provided,
)
from services.missing import give_up, services_required
from services.service import NotReady

KINDS = [
    RedisService,
    RedisPasswordService,
    RedisClusterService,
    RedisSentinelService,
    MongoService,
    MongoAuthService,
    DynamoDbService,
]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def service(request: pytest.FixtureRequest) -> Service:
    """Each service in turn, through the fixture that other tests use."""
    names = {
        RedisService: "redis_service",
        RedisPasswordService: "redis_password_service",
        RedisClusterService: "redis_cluster_service",
        RedisSentinelService: "redis_sentinel_service",
        MongoService: "mongodb_service",
        MongoAuthService: "mongodb_auth_service",
        DynamoDbService: "dynamodb_service",
    }
    found: Service = request.getfixturevalue(names[request.param])
    return found


def test_every_service_keeps_its_address_over_stop_and_start(service: Service) -> None:
    before = service.url
    with service.down(), pytest.raises(ConnectionRefusedError):
        socket.create_connection((service.host, service.port), timeout=2).close()
    service.probe()
    assert service.url == before


def test_every_service_hangs_while_paused_and_goes_on_after(service: Service) -> None:
    with service.hanging():
        socket.create_connection((service.host, service.port), timeout=2).close()
        with pytest.raises(Exception, match=r"(?i)time|timed out"):
            service.probe()
    service.probe()


def test_every_service_comes_back_after_a_kill(service: Service) -> None:
    service.kill()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((service.host, service.port), timeout=2).close()
    service.start()
    service.probe()


def test_containers_listen_on_the_loopback_address_only(service: Service) -> None:
    if service.can_fail:
        assert service.host == "127.0.0.1"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", service.port), timeout=2).close()


def test_redis_returns_what_was_set(redis_service: RedisService) -> None:
    key = redis_service.fresh_name()
    with redis_service.client() as client:
        client.set(key, b"\x00value", px=60_000)
        assert client.get(key) == b"\x00value"


def test_redis_with_a_password_refuses_clients_without_it(
    redis_password_service: RedisPasswordService,
) -> None:
    from redis.exceptions import AuthenticationError

    service = redis_password_service
    service.probe()
    anonymous = RedisService(service.host, service.ports, None)
    with pytest.raises(AuthenticationError):
        anonymous.probe()


def test_redis_cluster_spreads_keys_over_three_nodes(
    redis_cluster_service: RedisClusterService,
) -> None:
    keys = [redis_cluster_service.fresh_name() for _ in range(50)]
    client = redis_cluster_service.cluster_client()
    try:
        for key in keys:
            client.set(key, key)
        assert [client.get(key) for key in keys] == [key.encode() for key in keys]
        nodes = client.get_primaries()  # type: ignore[no-untyped-call]  # redis-py's gap
        sizes = [client.dbsize(target_nodes=node) for node in nodes]
    finally:
        client.close()
    assert len(sizes) == 3
    assert all(sizes)


def test_redis_sentinel_leads_to_a_master_with_a_replica(
    redis_sentinel_service: RedisSentinelService,
) -> None:
    key = redis_sentinel_service.fresh_name()
    with redis_sentinel_service.master() as master:
        master.set(key, "value")
        assert master.get(key) == b"value"
        assert master.info("replication")["role"] == "master"


@pytest.mark.parametrize("name", ["mongodb_service", "mongodb_auth_service"])
def test_mongodb_returns_what_was_inserted(name: str, request: pytest.FixtureRequest) -> None:
    service: MongoService = request.getfixturevalue(name)
    with service.client() as client:
        things = client[service.fresh_name()]["things"]
        things.insert_one({"_id": 1, "body": b"\x00value"})
        assert things.find_one() == {"_id": 1, "body": b"\x00value"}


def test_mongodb_with_authentication_refuses_clients_without_a_user(
    mongodb_auth_service: MongoAuthService,
) -> None:
    from pymongo.errors import OperationFailure

    service = mongodb_auth_service
    service.probe()
    anonymous = MongoService(service.host, service.ports, None)
    with pytest.raises(OperationFailure, match="authentication"):
        anonymous.probe()


def test_dynamodb_keeps_several_tables_apart(dynamodb_service: DynamoDbService) -> None:
    resource = dynamodb_service.resource()
    tables = [resource.create_table(**_table(dynamodb_service.fresh_name())) for _ in range(3)]
    for table in tables:
        table.put_item(Item={"key": "k", "table": table.name})
    found = [table.get_item(Key={"key": "k"})["Item"]["table"] for table in tables]
    assert found == [table.name for table in tables]
    for table in tables:
        table.delete()


def _table(name: str) -> dict[str, object]:
    return {
        "TableName": name,
        "KeySchema": [{"AttributeName": "key", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "key", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }


def test_a_missing_service_skips_by_default() -> None:
    with pytest.raises(pytest.skip.Exception, match="no engine"):
        give_up("no engine", {})


def test_a_missing_service_fails_where_services_are_required() -> None:
    with pytest.raises(pytest.fail.Exception, match="no engine"):
        give_up("no engine", {"REQUIRE_SERVICES": "1"})


def test_an_unclear_wish_for_services_is_refused() -> None:
    with pytest.raises(ValueError, match="REQUIRE_SERVICES='yes'"):
        services_required({"REQUIRE_SERVICES": "yes"})


@pytest.fixture
def without_docker(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> Iterator[None]:
    """A machine whose engine does not answer."""
    from services import provider

    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no-engine.sock")
    monkeypatch.delenv(RedisService.variable, raising=False)
    provider.engine_state.cache_clear()
    yield
    provider.engine_state.cache_clear()


@pytest.mark.usefixtures("without_docker")
@pytest.mark.parametrize(
    ("required", "outcome"), [("0", pytest.skip.Exception), ("1", pytest.fail.Exception)]
)
def test_without_docker_the_outcome_names_what_is_missing_and_what_to_do(
    required: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUIRE_SERVICES", required)
    with pytest.raises(outcome, match=r"no Docker engine.*REQUESTS_CACHE_TEST_REDIS=redis://"):
        next(provided(RedisService))


def test_an_address_is_taken_and_cannot_be_broken(
    redis_service: RedisService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RedisService.variable, redis_service.url)
    monkeypatch.setenv("REQUIRE_SERVICES", "0")
    service = next(provided(RedisService))
    assert (service.port, service.can_fail) == (redis_service.port, False)
    with pytest.raises(pytest.skip.Exception, match="cannot kill redis: it comes from"):
        service.kill()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_address_that_makes_no_sense_names_its_variable(kind: type[Service]) -> None:
    with pytest.raises(ValueError, match=f"{kind.variable}='nonsense'"):
        kind.at("nonsense")


def test_credentials_of_an_address_are_unquoted_and_quoted_again() -> None:
    address = "redis://user:p%40ss%2Fw@127.0.0.1:6379/0"
    service = RedisPasswordService.at(address)
    assert (service.username, service.password) == ("user", "p@ss/w")
    assert service.url == address


def test_an_address_where_nothing_answers_is_an_error(unused_port: int) -> None:
    service = RedisService.at(f"redis://127.0.0.1:{unused_port}")
    with pytest.raises(NotReady, match=RedisService.variable):
        service.wait_until_ready(seconds=0.1)


@pytest.fixture
def unused_port() -> int:
    """A port on which nothing listens."""
    from services.ports import free_ports

    return free_ports(1)[0]
