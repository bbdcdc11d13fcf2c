--liquibase formatted sql
--changeset shop:1
create table orders (id varchar(40) primary key);
